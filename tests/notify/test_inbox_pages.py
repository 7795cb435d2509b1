"""The inbox as pages: with forms alone, on the desk, and what could not be delivered."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient

from services.notify.delivery.commands import note_failed, take
from services.notify.delivery.models import Digest
from services.notify.delivery.rules import BACKOFF, State
from shared import clock
from shared.contracts.assignment import RosterChangedV1
from shared.contracts.reporting import SummaryIssuedV1
from tests.alone import OneService, made
from tests.notify.look import inbox
from tests.story import Story, at


def unread(client: FlaskClient) -> int:
    count: int = client.get("/api/inbox/unread-count").json["unread"]
    return count


def test_the_inbox_works_with_forms_alone(notify: OneService) -> None:
    notify.feed(Story(1).opened(), Story(2).opened())
    client = notify.client("leader-1")
    assert "ZX2026-000002" in client.get("/inbox").text
    notice = inbox(notify, "leader-1")["items"][0]["id"]
    assert client.post(f"/inbox/{notice}/read").status_code == 303
    assert client.post("/inbox/read-all", data={"until": "yesterday"}).status_code == 422
    assert unread(client) == 1
    assert client.post("/inbox/read-all", data={"until": clock.now().isoformat()}).status_code == 303
    assert unread(client) == 0
    empty = notify.client("leader-2").get("/inbox")
    assert empty.status_code == 200
    assert "list-group" not in empty.text


def test_opening_a_notice_marks_it_read_and_leads_to_its_petition(notify: OneService) -> None:
    story = Story()
    notify.feed(story.opened())
    client = notify.client("leader-1")
    (notice,) = inbox(notify, "leader-1")["items"]
    answer = client.post(f"/inbox/{notice['id']}/open")
    assert (answer.status_code, answer.location) == (303, f"/petitions/{story.id}")
    assert unread(client) == 0
    assert f'href="/petitions/{story.id}"' in client.get("/inbox").text  # now a plain link
    for post in ("leader-2", "operator-1"):
        assert notify.client(post).post(f"/inbox/{notice['id']}/open").status_code == 404


def test_what_is_about_no_petition_leads_to_its_own_page(notify: OneService) -> None:
    notify.feed(Story().registered(), Story(2).transferred("agency-police"))
    (arrivals,) = inbox(notify, "head")["items"]
    assert notify.client("head").post(f"/inbox/{arrivals['id']}/open").location == "/register"
    (passed,) = inbox(notify, "liaison-police")["items"]
    agency = notify.client("liaison-police")
    assert agency.post(f"/inbox/{passed['id']}/open").location == "/transfers"


def test_the_filter_stands_in_the_address_and_stays_when_one_is_read(notify: OneService) -> None:
    notify.feed(Story(1).opened(), Story(2).opened())
    client = notify.client("leader-1")
    newest = inbox(notify, "leader-1")["items"][0]
    answer = client.post(f"/inbox/{newest['id']}/read", data={"unread": "true"})
    assert answer.location == "/inbox?unread=true"
    left = client.get(answer.location).text
    assert "ZX2026-000001" in left
    assert "ZX2026-000002" not in left
    assert "ZX2026-000002" in client.get("/inbox").text
    assert [item["reference"] for item in inbox(notify, "leader-1", unread="true")["items"]] == [
        "ZX2026-000001"
    ]
    assert client.get("/inbox?unread=perhaps").status_code == 422


def test_the_desk_shows_the_five_newest_that_are_unread(notify: OneService) -> None:
    with clock.travel(at("2026-03-02 09:00")) as move:
        for number in range(1, 8):
            notify.feed(Story(number).opened())
            move(timedelta(minutes=1))
        seen = notify.client("leader-1").get("/desk/part").text
    shown = [number for number in range(1, 8) if f"ZX2026-00000{number}" in seen]
    assert shown == [3, 4, 5, 6, 7]
    assert "ZX2026-000007" not in notify.client("leader-2").get("/desk/part").text


def test_notices_name_places_and_months_in_the_language_of_their_reader(notify: OneService) -> None:
    summary = uuid4()
    notify.feed(
        made(SummaryIssuedV1, summary, summary_id=summary, month="2026-03", issued_at=clock.now()),
        made(
            RosterChangedV1,
            "420324100",
            township="420324100",
            leader="leader-2",
            office="office-1",
            team="team-1",
            valid_from=at("2026-06-01 00:00").date(),
        ),
    )
    client = notify.client("leader-2")
    english = client.get("/api/inbox").text
    assert "March 2026" in english
    assert "Jun 1, 2026" in english
    chinese = client.get("/api/inbox", headers={"Accept-Language": "zh"}).text
    assert "2026年3月" in chinese
    assert "2026年6月1日" in chinese
    assert "420324100 " not in chinese + english


@pytest.fixture
def failed(notify: OneService) -> list[UUID]:
    """Three e-mails that were given up, the last one first."""
    ids = []
    with clock.travel(at("2026-03-02 09:00")) as move:
        for unit in ("leader-1", "leader-2", "leader-3"):
            with notify.db.write() as session:
                mail = Digest(
                    id=uuid4(),
                    unit=unit,
                    state=State.WAITING,
                    attempts=len(BACKOFF),
                    made_at=clock.now(),
                    next_attempt_at=clock.now(),
                )
                session.add(mail)
                session.flush()
                tried = take(session)
                assert tried is not None
                note_failed(session, tried, "550")
                ids.append(mail.id)
            move(timedelta(minutes=1))
    return ids[::-1]


def test_what_was_given_up_is_listed_page_by_page(notify: OneService, failed: list[UUID]) -> None:
    client = notify.client("operator-1")
    first = client.get("/api/failed-deliveries?limit=2").json
    rest = client.get("/api/failed-deliveries", query_string={"limit": 2, "after": first["next"]}).json
    assert [item["id"] for item in first["items"] + rest["items"]] == [str(id_) for id_ in failed]
    assert rest["next"] is None
    page = client.get("/failed?limit=2").text
    assert str(failed[0]) in page
    assert str(failed[2]) not in page
    assert f"after={first['next']}" in page


def test_sending_again_takes_it_from_the_list(notify: OneService, failed: list[UUID]) -> None:
    client = notify.client("supervisor-1")
    assert client.post(f"/failed/{failed[0]}/resend").status_code == 303
    assert str(failed[0]) not in client.get("/failed").text
    again = client.post(f"/failed/{failed[0]}/resend")
    assert again.status_code == 409
    assert 'role="alert"' in again.text
    assert client.post(f"/failed/{uuid4()}/resend").status_code == 404
    assert notify.client("leader-3").get("/failed").status_code == 403
