"""Who brought a petition is erased by itself on the day that the setting says, and not while it is needed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.intake.attachments.models import Attachment
from services.intake.identities import retention
from services.intake.identities.models import Identity, IdentityAccess
from shared import clock
from tests.factories import whole_way
from tests.ground import Ground
from tests.intake.steps import people, step
from tests.intake.test_attachments import add
from tests.intake.test_portal import look, submitted

MORNING = datetime(2026, 3, 2, 2, tzinfo=UTC)
LAST = retention.FOLLOW_UP + timedelta(days=90)


def run(ground: Ground) -> None:
    while retention.run(ground.instance("intake")):
        pass


def test_it_is_erased_when_the_visits_and_90_days_are_over(stepped: Ground) -> None:
    with clock.travel(MORNING) as move:
        whole_way(stepped, settle=stepped.carry)
        move(LAST - timedelta(days=1))
        run(stepped)
        assert [person.name for person in people(stepped)] == ["甲某"]
        move(timedelta(days=2))
        run(stepped)
    assert people(stepped) == [] and stepped.rows("intake", Identity) == []
    (entry,) = [e for e in stepped.rows("intake", IdentityAccess) if e.act == "erased"]
    assert (entry.post, entry.reason) == ("timer", "-")


def declined(ground: Ground) -> tuple[dict[str, Any], str]:
    petition, code = submitted(ground)
    body = {"reason": "statutory_procedure", "where_to_go": "请向法院提起诉讼"}
    answer = step(ground, petition, "decline", **body)
    assert answer.status_code == 200, answer.text
    return petition, code


@pytest.mark.parametrize("asks", [False, True])
def test_what_was_declined_is_erased_unless_something_is_open(stepped: Ground, asks: bool) -> None:
    with clock.travel(MORNING) as move:
        _petition, code = declined(stepped)
        add(stepped, code, ("a.txt", b"text"))
        if asks:
            body = {"code": code, "kind": "retaliation", "text": "有人威胁我"}
            assert stepped.client("intake", None).post("/api/portal/requests", json=body).status_code == 201
        move(timedelta(days=119))
        run(stepped)
        assert look(stepped, code).status_code == 200
        move(timedelta(days=3))
        run(stepped)
        assert look(stepped, code).status_code == (200 if asks else 404)
    assert len(stepped.rows("intake", Attachment)) == 1


def test_what_is_under_way_is_never_erased(stepped: Ground) -> None:
    with clock.travel(MORNING) as move:
        _petition, code = submitted(stepped)
        move(timedelta(days=2000))
        run(stepped)
        assert look(stepped, code).status_code == 200


def test_it_can_be_turned_off(stepped: Ground) -> None:
    with clock.travel(MORNING) as move:
        _petition, code = declined(stepped)
        move(timedelta(days=2000))
        instance = stepped.instance("intake")
        instance.settings = replace(instance.settings, identities_kept_days=0)
        run(stepped)
        assert look(stepped, code).status_code == 200
