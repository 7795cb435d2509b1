"""M8 by id: who is excluded and still knows an id is answered as for an id that never was, at every route."""

from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from uuid import uuid4

from services.intake.petitioner_requests.models import PetitionerRequest
from services.intake.transfers.models import Transfer
from services.supervision.clocks.models import Clock, ClockRequest
from shared import clock
from tests.factories import accept, new_petition, petition_body, step
from tests.ground import Ground
from tests.journeys.answers import said

MORNING = datetime(2026, 11, 24, 2, tzinfo=UTC)
TOWNSHIP = "420324101"
EXCLUDED = {
    "township-420324101": "township-420324101",
    "office-2": "office-2-a",
    "team-4": "team-4",
    "leader-1": "deputy",  # on a delegation of the head
    "petition-office": "clerk-2",
    "supervision-office": "supervisor-1",
    "agency-education": "liaison-education",
}
SAID = "一段足够长的文字"
# What each step needs besides its version: a body that is right, so that only the id can be wrong.
BODIES: dict[str, dict[str, Any]] = {
    "accept": {"category": "appeal"},
    "decline": {"reason": "no_substance", "where_to_go": SAID},
    "transfer": {"to_agency": "agency-police"},
    "identity": {"reason": SAID},
    "instructions": {"text": SAID, "addressee": "office-3"},
    "return": {"reason": "not_competent", "note": SAID},
    "recusal": {"reason": SAID},
    "plan": {
        "due_on": "2026-12-04",
        "quality": SAID,
        "members": [{"post": "office-3-a", "duty": SAID, "responsible": True}],
    },
    "handling": {"kind": "visit", "occurred_on": "2026-11-24", "text": SAID},
    "closing": {"outcome": "settled", "conclusion": SAID},
    "checks": {"level": 1, "passed": True},
    "replies": {"round": 1, "means": "in_person", "replied_on": "2026-11-24"},
    "reopening": {"reason": "ordered"},
    "extension-requests": {"days": 5, "reasons": SAID},
    "pause-requests": {"reason": "hearing", "reasons": SAID},
    "decision": {"approved": True},
    "notice": {"told_on": "2026-11-24"},
    "messages": {"text": SAID},
    "answer": {"text": SAID},
}
NO_VERSION = {"identity", "instructions", "code", "messages", "read"}


def _hidden(ground: Ground) -> dict[str, list[str]]:
    """A case and a transfer that complain of all of EXCLUDED: their ids by the name of the argument."""
    units = sorted(EXCLUDED)
    delegation = {"starts_on": "2026-11-24", "ends_on": "2026-12-24", "deputy": "deputy"}
    step(ground, "intake", "head", "/api/delegations", **delegation)
    said = {"township": TOWNSHIP, "complained_of_units": units}
    registered = step(ground, "intake", "clerk-1", "/api/petitions", **petition_body(**said, title="甲"))
    petition, other = registered["petition"], new_petition(ground, **said, title="乙")
    report = {"code": registered["code"], "kind": "retaliation", "text": SAID}
    assert ground.client("intake", None).post("/api/portal/requests", json=report).status_code == 201
    accept(ground, petition, by="head")
    body = {"version": other["version"], "to_agency": "agency-police"}
    step(ground, "intake", "head", f"/api/petitions/{other['id']}/transfer", **body)
    ground.carry()
    (case,) = ground.client("assignment", "head").get("/api/cases").json["items"]
    (plan,) = ground.rows("supervision", Clock, Clock.duty == "plan")
    ask = {"version": plan.version, "reason": "hearing", "reasons": SAID}
    step(ground, "supervision", case["leader"], f"/api/clocks/{plan.id}/pause-requests", **ask)
    return {
        "petition_id": [petition["id"], other["id"]],
        "case_id": [case["id"]],
        "transfer_id": [str(row.id) for row in ground.rows("intake", Transfer)],
        "clock_id": [str(row.id) for row in ground.rows("supervision", Clock)],
        "request_id": [
            str(row.id)
            for service, table in (("supervision", ClockRequest), ("intake", PetitionerRequest))
            for row in ground.rows(service, table)
        ],
    }


def _routes(ground: Ground, ids: dict[str, list[str]]) -> list[tuple[str, str, str, str]]:
    """Service, method, address with `{}` for the id, and the name of the id."""
    found = []
    for service in ground.services:
        for rule in ground.composed.app(service.name).url_map.iter_rules():
            (name, *others) = rule.arguments or {""}
            if name in ids and not others:
                path = rule.rule.replace(f"<uuid:{name}>", "{}")
                methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
                found += [(service.name, method, path, name) for method in sorted(methods)]
    return found


def _sent(method: str, last: str, body: dict[str, Any]) -> dict[str, Any]:
    if method == "GET":
        return {}
    if last == "attachments":
        files = {"files": (BytesIO(SAID.encode()), "a.txt")}
        return {"data": files, "content_type": "multipart/form-data"}
    return {"json": body}


def test_an_id_that_is_hidden_is_one_that_never_was(stepped: Ground) -> None:
    with clock.travel(MORNING):
        ids = _hidden(stepped)
        routes = _routes(stepped, ids)
        assert all(ids.values()) and len(routes) > 25
        told: list[tuple[object, ...]] = []
        for service, method, path, name in routes:
            last = path.rsplit("/", 1)[-1]
            body = BODIES.get(last, {}) | ({} if last in NO_VERSION else {"version": 1})
            for post in EXCLUDED.values():
                client = stepped.client(service, post)
                answers = set()
                for id_ in (str(uuid4()), *ids[name]):
                    answer = client.open(path.format(id_), method=method, **_sent(method, last, body))
                    answers.add((answer.status_code, said(answer).replace(id_, "<id>")))
                status, text = min(answers)
                # A part of a page is simply empty.
                if len(answers) > 1 or (status not in (403, 404) and (status, text) != (200, "")):
                    told.append((service, method, path, post, status))
        assert told == [], "\n".join(map(str, told))
