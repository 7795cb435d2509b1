"""Intake's pages without a browser: what each role is offered, what leaks nowhere, how many queries."""

import re
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, update

from services.intake.desk.queries import to_screen
from services.intake.progress.models import ProgressClock
from services.intake.registration.models import Petition
from shared import clock
from shared.identity.roles import Role, Viewer
from shared.runtime.compose import DEMO_PASSWORD
from tests.factories import TOWNSHIP, accept, new_petition, step
from tests.ground import Ground

STEPS = re.compile(r'action="/petitions/[0-9a-f-]+/([\w-]+)')
PERSON = {
    "name": "丙某",
    "phone": "13700000000",
    "id_number": "000000190001010000",
    "address": "桥头村三组9号",
}
TOWNSHIP_POST = f"township-{TOWNSHIP}"


def signed_in(ground: Ground, post: str) -> FlaskClient:
    client = ground.client("intake", None)
    page = client.get("/sign-in").text
    client.post("/sign-in", data={"post": post, "password": DEMO_PASSWORD, "csrf_token": token(page)})
    client.post("/language", data={"language": "en", "csrf_token": token(client.get("/sign-in").text)})
    return client


def token(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found
    return found[1]


def send(client: FlaskClient, path: str, page: str, **data: Any) -> Any:
    return client.post(path, data=data | {"csrf_token": token(client.get(page).text)})


@pytest.mark.parametrize(
    ("post", "steps"),
    [
        (
            "clerk-1",
            {"accept", "transfer", "decline", "messages", "attachments", "identity", "code", "seal-away"},
        ),
        ("head", {"accept", "transfer", "decline", "instruction", "read", "identity"}),
        ("supervisor-1", set()),
    ],
)
def test_only_steps_that_are_possible_now_are_offered(stepped: Ground, post: str, steps: set[str]) -> None:
    petition = new_petition(stepped)
    page = signed_in(stepped, post).get(f"/petitions/{petition['id']}").text
    assert set(STEPS.findall(page)) == steps


def test_what_was_screened_is_not_offered_again(stepped: Ground) -> None:
    petition = new_petition(stepped)
    accept(stepped, petition)
    stepped.carry()
    offered = {
        post: set(STEPS.findall(signed_in(stepped, post).get(f"/petitions/{petition['id']}").text))
        for post in ("clerk-1", "leader-1", "office-1-a", "team-1", TOWNSHIP_POST)
    }
    assert offered == {
        "clerk-1": {"messages", "attachments", "identity", "code", "seal-away"},
        "leader-1": {"messages", "identity"},
        "office-1-a": {"messages"},
        "team-1": set(),
        TOWNSHIP_POST: {"messages", "attachments"},
    }


def test_who_may_not_see_it_is_answered_as_if_it_were_not_there(stepped: Ground) -> None:
    petition = new_petition(stepped, complained_of_units=["office-2"], township="420324101")
    accept(stepped, petition)
    stepped.carry()
    nothing = signed_in(stepped, "office-1-a").get("/petitions/00000000-0000-4000-8000-000000000000")
    for post in ("office-1-a", "office-2-a", "liaison-police", "operator-1", TOWNSHIP_POST):
        client = signed_in(stepped, post)
        answer = client.get(f"/petitions/{petition['id']}")
        assert answer.status_code == nothing.status_code == 404, post
        assert petition["number"] not in answer.text
        assert client.get(f"/petitions/{petition['id']}/part").text == ""
        fresh = client.get(f"/petitions/{petition['id']}/now")
        assert fresh.status_code in (403, 404)


def test_a_name_stands_on_the_page_that_answers_and_nowhere_else(stepped: Ground) -> None:
    petition = new_petition(stepped, person=PERSON)
    client, page = signed_in(stepped, "clerk-1"), f"/petitions/{petition['id']}"
    shown = send(client, f"{page}/identity", page, reason="约见面的时间")
    assert all(part in shown.text for part in PERSON.values())
    assert shown.headers["Cache-Control"] == "no-store"
    for path in (page, f"{page}/now", "/register", "/"):
        assert not any(part in client.get(path).text for part in PERSON.values()), path


def test_a_refusal_is_kind_and_on_the_log(stepped: Ground) -> None:
    petition = new_petition(stepped, person=PERSON)
    page = f"/petitions/{petition['id']}"
    refused = send(signed_in(stepped, "supervisor-1"), f"{page}/identity", page, reason="想知道是谁")
    assert refused.status_code == 403
    assert "Ask the clerk" in refused.text
    assert PERSON["name"] not in refused.text
    anonymous = new_petition(stepped, person=None)
    page = f"/petitions/{anonymous['id']}"
    told = send(signed_in(stepped, "clerk-1"), f"{page}/identity", page, reason="约见面的时间")
    assert told.status_code == 404
    assert "No identity is kept" in told.text
    stranger = f"/petitions/{petition['id']}/identity"
    assert "Ask the clerk" not in send(signed_in(stepped, "operator-1"), stranger, "/", reason="想知道").text
    log = signed_in(stepped, "supervisor-1").get(f"/petitions/{petition['id']}").text
    assert "想知道是谁" in log


def test_a_visit_that_is_sent_twice_is_registered_once(stepped: Ground) -> None:
    client = signed_in(stepped, "clerk-1")
    form = client.get("/register/new?channel=visit").text
    ids = re.findall(r'name="petition_id" value="([^"]+)"', form)
    said = {
        "petition_id": ids[0],
        "channel": "visit",
        "received_on": clock.today().isoformat(),
        "text": "水渠断了",
    }
    first = client.post("/register/new", data=said | {"csrf_token": token(form)})
    again = client.post("/register/new", data=said | {"csrf_token": token(form)})
    number = re.search(r"ZX\d{4}-\d{6}", first.text)
    assert number
    assert number[0] in again.text
    assert "cannot be shown again" in again.text


def test_wrong_inputs_are_told_beside_their_fields_and_kept(stepped: Ground) -> None:
    client = signed_in(stepped, "clerk-1")
    tomorrow = (clock.today() + timedelta(days=1)).isoformat()
    said = {
        "channel": "visit",
        "received_on": tomorrow,
        "text": "五户人家一起来说的。",
        "joint": "true",
        "petitioner_count": "3",
        "person.name": "名" * 101,
        "representatives.0.name": "丁某",
        "complained_of_units": "office-2",
    }
    answer = send(client, "/register/new", "/register/new", **said)
    assert answer.status_code == 422
    assert 'id="person.name-error"' in answer.text
    for value in ("五户人家一起来说的。", "丁某", tomorrow):
        assert value in answer.text
    assert re.search(r'value="office-2" checked', answer.text)


def test_queries_do_not_grow_with_the_rows(stepped: Ground) -> None:
    few = _queries(stepped)
    for number in range(12):
        petition = new_petition(stepped, title=f"第{number}件", superior_assigned=number % 2 == 0)
        if number % 3 == 0:
            body = {"version": petition["version"], "to_agency": "agency-police"}
            step(stepped, "intake", "clerk-1", f"/api/petitions/{petition['id']}/transfer", **body)
    stepped.carry()
    assert {page: (few[page], count) for page, count in _queries(stepped).items() if count > few[page]} == {}


def test_a_desk_shows_what_is_due_first_and_then_what_has_no_day_yet(stepped: Ground) -> None:
    with_day = [new_petition(stepped, title=f"有期限{number}") for number in range(3)]
    stepped.carry()
    days = [date(2026, 3, 3), date(2026, 3, 1), date(2026, 3, 2)]
    with stepped.instance("intake").db.write() as session:
        for petition, day in zip(with_day, days, strict=True):
            of_it = update(ProgressClock).where(ProgressClock.petition_id == UUID(petition["id"]))
            session.execute(of_it.where(ProgressClock.duty == "decision").values(due_on=day))
    without = [new_petition(stepped, title=f"尚无期限{number}") for number in range(4)]
    with stepped.instance("intake").db.read() as session:
        rows, count = to_screen(session, Viewer("clerk-1", Role.CLERK, "petition-office"))
    wanted = [with_day[place] for place in (1, 2, 0)] + list(reversed(without))
    assert [row.petition.number for row in rows] == [petition["number"] for petition in wanted]
    assert [row.due_on for row in rows] == [*sorted(days), *[None] * 4]
    assert count == 7


PAGES = {
    "clerk-1": ("/", "/register", "/register?q=桥头", "/transfers", "/sealed"),
    "head": ("/", "/reading", "/delegations"),
    "liaison-police": ("/", "/transfers"),
    TOWNSHIP_POST: ("/", "/register"),
}


def _queries(ground: Ground) -> dict[str, int]:
    """How many statements each page takes, with one petition of each kind there at least."""
    if not ground.rows("intake", Petition):
        _one_of_each(ground)
    counts = {}
    for post, paths in PAGES.items():
        client = signed_in(ground, post)
        for path in paths:
            counts[f"{post} {path}"] = _statements(ground, client, path)
    return counts


def _one_of_each(ground: Ground) -> None:
    for done in ("accept", "transfer", ""):
        petition = new_petition(ground, title="桥头村的事")
        if done == "accept":
            accept(ground, petition)
        if done == "transfer":
            body = {"version": petition["version"], "to_agency": "agency-police"}
            step(ground, "intake", "clerk-1", f"/api/petitions/{petition['id']}/transfer", **body)
    ground.carry()


def _statements(ground: Ground, client: FlaskClient, path: str) -> int:
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.startswith("SELECT"):
            seen.append(statement)

    engine = ground.instance("intake").db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        assert client.get(path).status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(seen)
