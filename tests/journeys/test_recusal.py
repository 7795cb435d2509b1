"""M8 from outside: whoever is complained of reads, counts and is sent exactly what they would be without it.

The same days are lived through twice, once with a petition that complains of many units and once without
it. Every page and list of every service must then answer each of these units alike.
"""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.notify.delivery.commands import make_digests
from services.notify.delivery.models import Digest
from shared import clock
from shared.db.inbox import Arrival, receive
from shared.runtime.settings import Settings
from tests.factories import accept, new_petition, petition_body, step
from tests.ground import Ground, clear_memory_bus
from tests.journeys.answers import said

pytestmark = pytest.mark.slow

MORNING = datetime(2026, 11, 24, 2, tzinfo=UTC)
TOWNSHIP = "420324101"  # leader-4, office-2 and team-4 answer for it
# Each may only not learn of the petition; the commission's own offices among them.
COMPLAINED_OF = {
    "township-420324101": "township-420324101",
    "office-2": "office-2-a",
    "team-4": "team-4",
    "leader-4": "leader-4",
    "leader-1": "deputy",  # reads for the head
    "agency-education": "liaison-education",
    "petition-office": "clerk-2",
    "supervision-office": "supervisor-1",
    "trial-office": "trial-a",
}
ROUTES_OF_NO_MATTER = ("/static", "/health", "/events", "/api/docs", "/api/openapi.json", "/account")


def lists_of(ground: Ground, service: str) -> list[str]:
    """Every address of a service that is read without an id."""
    rules = ground.composed.app(service).url_map.iter_rules()
    paths = {rule.rule for rule in rules if "GET" in (rule.methods or ()) and not rule.arguments}
    return sorted(path for path in paths if not path.startswith(ROUTES_OF_NO_MATTER))


def seen_by(ground: Ground, post: str) -> dict[str, str]:
    """What a post is answered at every list and page of every service; ids and tokens made alike."""
    found = {}
    for service in ground.services:
        client = ground.client(service.name, post)
        for path in lists_of(ground, service.name):
            answer = client.get(path)
            where = f"{answer.status_code} {answer.headers.get('Location')}"
            found[f"{service.name}{path}"] = f"{where} {said(answer)}"
    return found


@pytest.fixture
def grounds(prepared: Path, settings: Settings, tmp_path: Path) -> Iterator[Callable[[str], Ground]]:
    """Makes a ground without loops; one at a time, since the memory bus is one for all."""
    made: list[Ground] = []

    def make(name: str) -> Ground:
        clear_memory_bus()
        shutil.copytree(prepared, tmp_path / name)
        made.append(Ground(replace(settings, data_dir=tmp_path / name)))
        return made[-1]

    yield make
    for ground in made:
        ground.stop()


def live_through(ground: Ground, complaint: Callable[[Ground, str, Any], Any] | None) -> list[dict[str, Any]]:
    """Some days with a petition that all may see, and the complaint's own steps in between, if any."""
    seen: list[dict[str, Any]] = []
    with clock.travel(MORNING) as move:

        def look(what: str, known: Any) -> Any:
            if complaint is not None:
                known = complaint(ground, what, known)
            ground.carry()
            for task in (t for n in ("assignment", "supervision") for t in ground.instance(n).service.tasks):
                owner = "assignment" if task.name == "hand-over" else "supervision"
                while task.run(ground.instance(owner)):
                    pass
            ground.carry()
            with ground.instance("notify").db.write() as session:
                make_digests(session)
            mails = sorted(d.unit for d in ground.rows("notify", Digest) if d.unit in COMPLAINED_OF)
            seen.append({"mails": mails} | {post: seen_by(ground, post) for post in COMPLAINED_OF.values()})
            move(timedelta(hours=1))
            return known

        tomorrow = {"starts_on": "2026-11-24", "ends_on": "2026-12-24", "deputy": "deputy"}
        step(ground, "intake", "head", "/api/delegations", **tomorrow)
        other = new_petition(ground, township=TOWNSHIP)
        ground.carry()
        for post in COMPLAINED_OF.values():
            step(ground, "notify", post, "/api/inbox/read-all")
        known = look("register", None)
        accept(ground, other)
        known = look("accept", known)
        known = look("plan", known)
        known = look("close", known)
        move(timedelta(days=400))
        known = look("rate", known)
        look("recuse", known)
    return seen


def _complain(ground: Ground, what: str, known: Any) -> Any:
    """The complaint's way, step by step, through the hands of those who are left for it."""
    match what:
        case "register":
            body = petition_body(
                township=TOWNSHIP, complained_of_units=sorted(COMPLAINED_OF), superior_assigned=True
            )
            registered = step(ground, "intake", "clerk-1", "/api/petitions", **body)
            return {"code": registered["code"], **registered["petition"]}
        case "accept":
            instruction = {"text": "请认真办理。", "addressee": "office-3", "due_on": "2026-12-01"}
            step(ground, "intake", "head", f"/api/petitions/{known['id']}/instructions", **instruction)
            accept(ground, known, by="head")
            return known
    case = known.get("case") or _case_for_head(ground, known["id"])
    base, office, leader = f"/api/cases/{case['id']}", case["office"], case["leader"]

    def act(post: str, path: str, **body: Any) -> None:
        version = ground.client("assignment", "head").get(base).json["version"]
        answer = ground.client("assignment", post).post(f"{base}/{path}", json={"version": version} | body)
        assert answer.status_code < 300, answer.text
        ground.carry()

    today = clock.today().isoformat()
    match what:
        case "plan":
            member = {"post": f"{office}-a", "duty": "牵头办理", "responsible": True}
            act(f"{office}-a", "plan", due_on="2026-12-04", quality="问题得到解决", members=[member])
            act(f"{office}-a", "handling", kind="visit", occurred_on=today, text="与信访人见面")
        case "close":
            act(f"{office}-a", "closing", outcome="settled", conclusion="已办结")
            act(f"{office}-b", "checks", level=1, passed=True)
            act(leader, "checks", level=2, passed=True)
        case "rate":
            rating = {"code": known["code"], "rating": "dissatisfied", "round": 1}
            assert ground.client("intake", None).post("/api/portal/rating", json=rating).status_code == 201
        case "recuse":
            again = ground.client("assignment", "head").get(base).json
            act(f"{again['office']}-a", "recusal", reason="与被反映人系近亲属")
    return known | {"case": case}


def _case_for_head(ground: Ground, petition_id: str) -> dict[str, Any]:
    cases = ground.client("assignment", "head").get("/api/cases").json["items"]
    (case,) = [case for case in cases if case["petition_id"] == petition_id]
    return dict(case)


def test_it_is_as_if_the_petition_did_not_exist(grounds: Callable[[str], Ground]) -> None:
    without = live_through(grounds("without"), None)
    with_it = live_through(grounds("with"), _complain)
    assert len(without) == len(with_it) == 6
    assert any("ZX2026-000001" in text for text in without[-1]["clerk-2"].values())
    for at, (one, other) in enumerate(zip(without, with_it, strict=True)):
        assert one["mails"] == other["mails"], at
        for post in COMPLAINED_OF.values():
            differing = {path for path in one[post] if one[post][path] != other[post][path]}
            assert differing == set(), (at, post)


def test_a_case_that_overtakes_its_screening_is_hidden_too(stepped: Ground) -> None:
    """Catch-up may bring assignment's word before intake's; it says itself whom the petition is about."""
    complained_of = {"supervision-office": "supervisor-1", "township-420324101": "township-420324101"}
    with clock.travel(MORNING):
        petition = new_petition(stepped, township=TOWNSHIP)
        accept(stepped, petition, complained_of_units=sorted(complained_of))
        while stepped.loops["intake"].relay.step():
            pass
        stepped.loops["assignment"].catch_up.run_once()
        while stepped.loops["assignment"].work.step():
            pass
        early = stepped.outbox("intake", "intake.petition.registered.v1")
        early += stepped.outbox("assignment", "assignment.case.opened.v1")
        for name in ("supervision", "notify", "reporting"):
            with stepped.instance(name).db.write() as session:
                arrivals = [Arrival(event.to_json().encode()) for event in early]
                receive(session, arrivals, {event.contract.key for event in early})
            while stepped.loops[name].work.step():
                pass
        for post in complained_of.values():
            seen = seen_by(stepped, post)
            assert {where for where, text in seen.items() if petition["number"] in text} == set(), post
        assert any(petition["number"] in text for text in seen_by(stepped, "leader-4").values())
