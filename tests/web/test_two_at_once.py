"""Two people act on one petition at the same time: one of them is told, nothing is done twice or half."""

import threading
from typing import Any

from shared.contracts.intake import PetitionAcceptedV1
from shared.contracts.registry import contract_of
from tests.factories import new_petition
from tests.ground import Ground

ACCEPTED = contract_of(PetitionAcceptedV1).key


def accept(ground: Ground, petition: dict[str, Any], post: str = "clerk-1") -> Any:
    body = {"version": petition["version"], "category": "suggestion"}
    return ground.client("intake", post).post(f"/api/petitions/{petition['id']}/accept", json=body)


def test_a_stale_version_is_told_so(stepped: Ground) -> None:
    petition = new_petition(stepped)
    assert accept(stepped, petition).status_code == 200
    answer = accept(stepped, petition, "clerk-2")
    assert (answer.status_code, answer.mimetype) == (409, "application/problem+json")
    assert answer.json["type"] == "urn:huajie:problem:changed"
    assert len(stepped.outbox("intake", ACCEPTED)) == 1


def test_two_clerks_in_the_same_moment(stepped: Ground) -> None:
    for _ in range(5):
        petition = new_petition(stepped)
        _race(stepped, petition)
    assert len(stepped.outbox("intake", ACCEPTED)) == 5


def _race(ground: Ground, petition: dict[str, Any]) -> None:
    start = threading.Barrier(2)
    answers: list[int] = []

    def act(post: str) -> None:
        start.wait(10)
        answers.append(accept(ground, petition, post).status_code)

    threads = [threading.Thread(target=act, args=(post,)) for post in ("clerk-1", "clerk-2")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(answers) == [200, 409]
