"""What is sent to an address: a body that is right but for its version, so that only an id can be wrong."""

from io import BytesIO
from typing import Any

from tests.factories import petition_body
from tests.security.objects import SAID

STALE = 999  # no version of anything: a step that gets as far as this changes nothing (409)
DAY = "2027-02-01"
NO_ID = "00000000-0000-4000-8000-000000000000"
EXTRACT = {
    "agency": "agency-health",
    "purpose": "protection",
    "basis": "rules-49",
    "summary": SAID,
    "asked": SAID,
    "answer_by": DAY,
    "expires_on": DAY,
}
BODIES: dict[str, dict[str, Any]] = {  # by the last word of the address, or the last two
    "accept": {"category": "appeal"},
    "decline": {"reason": "no_substance", "where_to_go": SAID},
    "transfer": {"to_agency": "agency-police"},
    "identity": {"reason": SAID},
    "instructions": {"text": SAID, "addressee": "office-3"},
    "instruction": {"text": SAID, "addressee": "office-3"},
    "<uuid:request_id>": {"text": SAID},
    "extension": {"days": 5, "reasons": SAID},
    "pause": {"reason": "hearing", "reasons": SAID},
    "return": {"reason": "not_competent", "note": SAID},
    "recusal": {"reason": SAID},
    "plan": {
        "due_on": "2027-03-04",
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
    "identity-requests/decision": {"agreed": True},
    "clock-requests/decision": {"approved": True},
    "notice": {"told_on": "2026-11-24"},
    "messages": {"text": SAID},
    "petitioner-requests/answer": {"text": SAID},
    "extracts/answer": {"text": SAID, "result": "done"},
    "petitions": petition_body(received_on="2026-11-23"),
    "letters": {
        "addressee": "office-1",
        "clock_ids": ["00000000-0000-4000-8000-000000000000"],
        "reply_by": DAY,
    },
    "<uuid:letter_id>": {"clock_ids": ["00000000-0000-4000-8000-000000000000"], "reply_by": DAY},
    "reply": {"replied_on": "2026-11-24", "reply": SAID},
    "mapping": {"mapping": {"title": 0}},
    "bulletins": {"month": "2026-12"},
    "summaries": {"month": "2026-12"},
    "posts": {"post": "clerk-2", "action": "unlock"},
    "delegations": {"deputy": "deputy", "starts_on": "2027-07-01", "ends_on": "2027-07-02"},
    "sealed-matters": {"received_on": "2026-11-23", "channel": "letter", "handed_over_by": "clerk-1"},
    "changes": {"entries": []},
    "stand-ins": {"leader": "leader-2", "stand_in": "leader-3", "valid_from": DAY, "valid_until": DAY},
    "identity-requests": {"reason": SAID},
    "erasure": {"reason": SAID},
    "<uuid:opening_id>": {"agreed": "true"},
    "extracts": EXTRACT,
    "new": EXTRACT,
    "recall": {"reason": "issued_in_error"},
    "dismiss": {"messages": [], "reason": SAID},
    "run-again": {"messages": []},
}
NO_VERSION = {"identity", "identity-requests", "erasure", "extracts", "new",
              "instructions", "code", "messages", "read", "petitions", "letters", "bulletins",
              "summaries", "delegations", "sealed-matters", "dismiss", "run-again", "read-all"}  # fmt: skip
ASKED = {"/api/letters/late-matters": "?unit=office-1", "/events/bodies": "?id=x"}


def sent_to(route: str, method: str) -> dict[str, Any]:
    """What a client sends to a route, as keywords of `FlaskClient.open`."""
    last = route.rsplit("/", 1)[-1]
    if method in ("GET", "DELETE"):
        return {"json": {"version": STALE}} if method == "DELETE" else {}
    if last in ("attachments", "imports"):
        name = "files" if last == "attachments" else "file"
        files = {name: (BytesIO(SAID.encode()), "a.txt")}
        return {"data": files, "content_type": "multipart/form-data"}
    words = [word for word in route.split("/") if not word.startswith("<")]
    body = BODIES.get("/".join(words[-2:])) or BODIES.get(last, {})
    body = body | ({} if last in NO_VERSION else {"version": STALE})
    if route.startswith("/api/"):
        return {"json": body}
    return {"data": {name: value for name, value in body.items() if isinstance(value, str | int)}}
