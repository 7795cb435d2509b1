"""What tests are about, made the way a person makes it: through the API, one step after another.

Each function does its step as the post that does it in the county and gives back the answer's JSON.
"""

from datetime import timedelta
from typing import Any

from shared import clock
from shared.calendar import after_working_days
from tests.ground import Ground

TOWNSHIP = "420324100"  # leader-1, office-1 and team-1 answer for it from 2026 on


def petition_body(**changes: Any) -> dict[str, Any]:
    """The body of POST /api/petitions: a letter from a named person; None takes a field out."""
    body: dict[str, Any] = {
        "channel": "letter",
        "organ": "commission",
        "title": "村道硬化工程没有完工",
        "text": "村里的路修了一半就停了，雨天走不了车。",
        "received_on": (clock.today() - timedelta(days=1)).isoformat(),
        "township": TOWNSHIP,
        "person": {"name": "甲某", "phone": "13800000000"},
    }
    body |= changes
    return {name: value for name, value in body.items() if value is not None}


def new_petition(ground: Ground, *, by: str = "clerk-1", **changes: Any) -> dict[str, Any]:
    """A registered petition, as the API shows it."""
    answer = ground.client("intake", by).post("/api/petitions", json=petition_body(**changes))
    assert answer.status_code == 201, answer.text
    petition: dict[str, Any] = answer.json["petition"]
    return petition


def step(ground: Ground, service: str, post: str, path: str, **body: Any) -> dict[str, Any]:
    """One POST by a post, which must succeed; gives the answer's JSON."""
    answer = ground.client(service, post).post(path, json=body)
    assert answer.status_code in (200, 201), f"{path}: {answer.text}"
    given: dict[str, Any] = answer.json
    return given


def accept(
    ground: Ground, petition: dict[str, Any], *, by: str = "clerk-1", **changes: Any
) -> dict[str, Any]:
    """Accept a petition as an appeal, unless told otherwise."""
    body = {"version": petition["version"], "category": "appeal"} | changes
    return step(ground, "intake", by, f"/api/petitions/{petition['id']}/accept", **body)


def look(ground: Ground, petition_id: str, reason: str, *, by: str = "clerk-1") -> dict[str, Any]:
    """Who brought an accusation: asked for by a post, agreed to by the head, and seen."""
    base = f"/api/petitions/{petition_id}"
    asked = step(ground, "intake", by, f"{base}/identity-requests", reason=reason)
    agreed = {"agreed": True, "version": asked["version"]}
    step(ground, "intake", "head", f"/api/identity-requests/{asked['id']}/decision", **agreed)
    return step(ground, "intake", by, f"{base}/identity", reason=reason)


def case_of(ground: Ground, petition_id: str) -> dict[str, Any]:
    """The case that an accepted petition became, once assignment has heard of it."""
    cases = ground.client("assignment", "clerk-1").get("/api/cases?limit=200").json["items"]
    (row,) = [case for case in cases if case["petition_id"] == petition_id]
    case: dict[str, Any] = ground.client("assignment", "clerk-1").get(f"/api/cases/{row['id']}").json
    return case


def whole_way(
    ground: Ground, *, said: str = "一段文字", settle: Any = None, **changes: Any
) -> dict[str, Any]:
    """A petition from its registration to the rating of its reply; every free text says `said`.

    `settle` waits for the events after each step: the ground's own (with loops) unless `carry` is given.
    """
    settle = settle or ground.settle
    today, due_on = clock.today().isoformat(), after_working_days(clock.today(), 10).due_on.isoformat()
    registered = step(ground, "intake", "clerk-1", "/api/petitions", **petition_body(**changes))
    petition, code = registered["petition"], registered["code"]
    accept(ground, petition)
    instruction = {"text": said, "addressee": "office-1", "due_on": due_on}
    step(ground, "intake", "head", f"/api/petitions/{petition['id']}/instructions", **instruction)
    settle()
    case = case_of(ground, petition["id"])
    base = f"/api/cases/{case['id']}"

    def act(post: str, what: str, **body: Any) -> None:
        version = ground.client("assignment", "clerk-1").get(base).json["version"]
        step(ground, "assignment", post, f"{base}/{what}", version=version, **body)
        settle()

    member = {"post": "office-1-a", "duty": said, "responsible": True}
    act("office-1-a", "plan", due_on=due_on, quality=said, members=[member])
    act("office-1-a", "handling", kind="visit", occurred_on=today, text=said)
    act("office-1-a", "closing", outcome="settled", conclusion=said)
    act("office-1-b", "checks", level=1, passed=True)
    act("leader-1", "checks", level=2, passed=True)
    act("office-1-a", "replies", round=1, means="in_person", replied_on=today)
    portal = ground.client("intake", None)
    rated = portal.post("/api/portal/rating", json={"code": code, "rating": "satisfied", "round": 1})
    assert rated.status_code == 201, rated.text
    settle()
    return petition


def extract_of(
    ground: Ground, petition_id: str, *, by: str, text: str, agency: str = "agency-police"
) -> dict[str, Any]:
    """The draft of an extract for an agency, as even an accusation may be shared."""
    body = {
        "agency": agency,
        "purpose": "protection",
        "basis": "rules-49",
        "parts": ["township"],
        "summary": text,
        "asked": text,
        "answer_by": (clock.today() + timedelta(days=7)).isoformat(),
        "expires_on": (clock.today() + timedelta(days=30)).isoformat(),
    }
    return step(ground, "notify", by, f"/api/petitions/{petition_id}/extracts", **body)
