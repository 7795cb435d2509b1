"""All five services: what is registered is announced and counted, what is issued is told."""

from tests.factories import new_petition
from tests.ground import Ground


def test_a_registered_petition_is_announced_and_counted(together: Ground) -> None:
    numbers = {new_petition(together)["number"] for _ in range(3)}
    together.settle()
    board = together.client("reporting", "head").get("/api/board").json
    assert board["totals"]["registered"] == 3
    listed = together.client("reporting", "head").get("/api/board/petitions").json["items"]
    assert {row["number"] for row in listed} == numbers
    inbox = together.client("notify", "head").get("/api/inbox").json["items"]
    assert [(item["kind"], " 3 " in item["text"]) for item in inbox] == [("petition.registered", True)]


def test_an_issued_summary_is_told_to_the_leadership(together: Ground) -> None:
    issued = together.client("reporting", "clerk-1").post("/api/summaries", json={"month": "2020-01"})
    assert issued.status_code == 201, issued.text
    together.settle()
    for post in ("head", "leader-9"):
        inbox = together.client("notify", post).get("/api/inbox").json["items"]
        assert [item["kind"] for item in inbox] == ["summary.issued"], post
    assert together.client("notify", "office-1-a").get("/api/inbox").json["items"] == []
