"""What the access tests ask for: things that a role reaches, that are another's, and that are kept from it.

`WITHIN` lies in the township, the unit and the agency of the posts in POSTS; `OUTSIDE` is another
township's, another office's, another agency's; `EXCLUDED` would be within, but complains of all of their
units (but the head's); `NEVER` has an id that nothing has.
"""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import false, select
from sqlalchemy.orm import undefer

from services.assignment.cases.models import Case
from services.intake.attachments.models import Attachment
from services.intake.identities.models import OpeningRequest
from services.intake.identities.rules import Asked
from services.intake.petitioner_requests.models import PetitionerRequest
from services.notify.delivery.models import Digest
from services.notify.inbox.models import Notice
from services.supervision.clocks.models import Clock, ClockRequest
from services.supervision.letters.models import Letter, LetterItem
from shared import clock
from shared.identity.roles import Role
from tests.factories import accept, extract_of, new_petition, petition_body, step
from tests.ground import Ground
from tests.intake.import_ground import upload
from tests.ways import let_timers_run

MORNING = datetime(2026, 11, 24, 2, tzinfo=UTC)
WITHIN, OUTSIDE, EXCLUDED, NEVER = "within", "outside", "excluded", "never"
POSTS = {
    Role.CLERK: "clerk-1",
    Role.HEAD: "head",
    Role.LEADER: "leader-1",
    Role.OFFICE: "office-1-a",
    Role.TEAM: "team-1",
    Role.TOWNSHIP: "township-420324100",
    Role.LIAISON: "liaison-police",
    Role.SUPERVISOR: "supervisor-1",
    Role.OPERATOR: "operator-1",
}
UNITS = {
    Role.CLERK: "petition-office",
    Role.LEADER: "leader-1",
    Role.OFFICE: "office-1",
    Role.TEAM: "team-1",
    Role.TOWNSHIP: "township-420324100",
    Role.LIAISON: "agency-police",
    Role.SUPERVISOR: "supervision-office",
}
OWN, OTHER = "420324100", "420324101"
HOME = UNITS | {Role.HEAD: "head", Role.OPERATOR: "it-office"}  # also those that nobody excludes
SAID = "一段足够长的文字"
# Ids by the name that addresses give them, by where they lie; of notices by unit.
Ids = dict[str, dict[str, list[str]]]


class Objects:
    """All of them, in a ground that has no loops."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.ids: defaultdict[str, dict[str, list[str]]] = defaultdict(dict)
        self.letters: dict[str, dict[str, str]] = {}  # where, then by unit

    def make(self, move: Any) -> None:
        """From registration to letters, the bulletin and a failed mail; months pass."""
        delegation = {"starts_on": "2026-11-24", "ends_on": "2027-06-24", "deputy": "deputy"}
        made = step(self.ground, "intake", "head", "/api/delegations", **delegation)
        self.ids["delegation_id"] = {WITHIN: [made["id"]]}
        excluded = sorted(UNITS.values())
        self._matter(WITHIN, OWN, "agency-police")
        self._matter(OUTSIDE, OTHER, "agency-education")
        self._matter(EXCLUDED, OWN, "agency-education", complained_of_units=excluded)
        self._stand_in()
        move(timedelta(days=75))
        let_timers_run(self.ground)
        self.ground.carry()
        self._imports()
        self._documents()
        self._letters()
        self._clocks()
        self._digests()
        self._extracts()
        self._openings()
        self.ground.carry()

    def of(self, service: str, name: str, where: str, role: Role) -> list[str]:
        """The ids of this name that lie there for a role."""
        unit = HOME[role]
        if (service, name, role) == ("supervision", "petition_id", Role.LIAISON):
            name = "moved"  # an agency has to do with what was transferred to it
        if where == NEVER:
            return [str(uuid4())]
        if name == "notice_id":
            condition = Notice.unit == unit if where == WITHIN else Notice.unit != unit
            wanted = condition if where in (WITHIN, OUTSIDE) else false()
            return [str(row.id) for row in self.ground.rows("notify", Notice, wanted)]
        if name == "letter_id" and where != OUTSIDE:
            units = [unit] if role in UNITS else [*UNITS.values()]
            return [self.letters[where][each] for each in units]
        return self.ids.get(f"{service} {name}", self.ids[name]).get(where, [])

    def _matter(self, where: str, township: str, agency: str, **said: Any) -> None:
        """A case with all that hangs on it, and a petition that was transferred."""
        ground, ids = self.ground, self.ids
        body = petition_body(township=township, publicity_consent=True, superior_assigned=True, **said)
        registered = step(ground, "intake", "clerk-1", "/api/petitions", **body)
        petition, code = registered["petition"], registered["code"]
        portal = ground.client("intake", None)
        files = {"code": code, "files": [(BytesIO(SAID.encode()), "a.txt")]}
        sent = portal.post("/api/portal/attachments", data=files, content_type="multipart/form-data")
        assert sent.status_code == 201
        for kind in ("retaliation", "withdraw_consent"):
            asked = {"code": code, "kind": kind, "text": SAID}
            assert portal.post("/api/portal/requests", json=asked).status_code == 201
        assert portal.post("/api/portal/messages", json={"code": code, "text": SAID}).status_code == 201
        accept(ground, petition, by="head")
        if where == WITHIN:  # a duty that the township holds
            said_so = {"text": SAID, "addressee": UNITS[Role.TOWNSHIP], "due_on": "2026-12-20"}
            step(ground, "intake", "head", f"/api/petitions/{petition['id']}/instructions", **said_so)
        moved = new_petition(ground, township=township, **said)
        passed_on = {"version": moved["version"], "to_agency": agency}
        path = f"/api/petitions/{moved['id']}/transfer"
        step(ground, "intake", "head", path, **passed_on)
        ground.carry()
        self._handled(petition["id"])
        if where == WITHIN:
            (receipt,) = ground.rows("supervision", Clock, Clock.holder == UNITS[Role.LIAISON])
            ask = {"version": receipt.version, "reason": "hearing", "reasons": SAID}
            path = f"/api/clocks/{receipt.id}/pause-requests"
            step(ground, "supervision", POSTS[Role.LIAISON], path, **ask)
        ids["petition_id"][where] = [petition["id"]]
        ids["moved"][where] = [moved["id"]]
        # Two, so that somebody is left to be seen when the identity of one was erased.
        ids["intake petition_id"][where] = [petition["id"], moved["id"]]
        ids["number"][where] = [petition["number"], moved["number"]]
        (case,) = ground.rows("assignment", Case, Case.petition_id == UUID(petition["id"]))
        ids["case_id"][where] = [str(case.id)]
        transfers = ground.client("intake", "head").get("/api/transfers?limit=200").json["items"]
        ids["transfer_id"][where] = [t["id"] for t in transfers if t["number"] == moved["number"]]
        (file,) = ground.rows("intake", Attachment, Attachment.petition_id == UUID(petition["id"]))
        ids["attachment_id"][where] = [str(file.id)]

    def _handled(self, petition_id: str) -> None:
        """Planned, answered, and asked to be answered again: what a request of the petitioner hangs on."""
        ground = self.ground
        head = ground.client("assignment", "head")
        (row,) = [
            c for c in head.get("/api/cases?limit=200").json["items"] if c["petition_id"] == petition_id
        ]
        case = head.get(f"/api/cases/{row['id']}").json
        office, today = case["office"], clock.today().isoformat()
        member = {"post": f"{office}-a", "duty": SAID, "responsible": True}
        plan = {"due_on": "2026-12-04", "quality": SAID, "members": [member]}
        base = f"/api/cases/{case['id']}"
        step(ground, "assignment", f"{office}-a", f"{base}/plan", version=case["version"], **plan)
        version = head.get(base).json["version"]
        entry = {"kind": "visit", "occurred_on": today, "text": SAID}
        step(ground, "assignment", f"{office}-a", f"{base}/handling", version=version, **entry)
        ground.carry()
        handling = ground.rows("supervision", Clock, Clock.petition_id == UUID(petition_id))
        asked_by = {"handling": case["leader"], "instruction": POSTS[Role.TOWNSHIP]}
        for each in (c for c in handling if c.duty in asked_by):
            ask = {"version": each.version, "reason": "hearing", "reasons": SAID}
            path = f"/api/clocks/{each.id}/pause-requests"
            step(ground, "supervision", asked_by[each.duty], path, **ask)

    def _clocks(self) -> None:
        for where in (WITHIN, OUTSIDE, EXCLUDED):
            known = [UUID(id_) for name in ("petition_id", "moved") for id_ in self.ids[name][where]]
            clocks = self.ground.rows("supervision", Clock, Clock.petition_id.in_(known))
            self.ids["clock_id"][where] = [str(row.id) for row in clocks]
            asked = self.ground.rows("supervision", ClockRequest)
            mine = {row.id for row in clocks}
            self.ids["supervision request_id"][where] = [str(r.id) for r in asked if r.clock_id in mine]
            (petition_id,) = self.ids["petition_id"][where]
            asked_for = PetitionerRequest.petition_id == UUID(petition_id)
            rows = self.ground.rows("intake", PetitionerRequest, asked_for)
            self.ids["intake request_id"][where] = [str(row.id) for row in rows]

    def _imports(self) -> None:
        """Two, so that one is left when the other was removed."""
        for where, post in ((WITHIN, "clerk-1"), (OUTSIDE, "clerk-2")):
            client = self.ground.client("intake", post)
            sent = [upload(client, f"标题\n{n}\n".encode(), f"{where}.csv") for n in (1, 2)]
            self.ids["import_id"][where] = [answer.json["id"] for answer in sent]

    def _stand_in(self) -> None:
        head = self.ground.client("assignment", "head")
        version = head.get("/api/roster").json["version"]
        absence = {"leader": "leader-9", "stand_in": "leader-8"}
        days = {"valid_from": "2026-11-24", "valid_until": "2027-06-24"}
        path = "/api/roster/stand-ins"
        step(self.ground, "assignment", "head", path, version=version, **absence, **days)
        (made,) = head.get(path).json
        self.ids["stand_in_id"] = {WITHIN: [made["id"]]}
        self.ids["assignment code"] = {WITHIN: [OWN]}
        self.ids["reporting code"] = {WITHIN: [OWN, "leader-1"]}

    def _documents(self) -> None:
        bulletin = step(self.ground, "reporting", "clerk-1", "/api/bulletins", month="2026-11")
        self.ids["bulletin_id"] = {WITHIN: [bulletin["id"]]}
        (summary,) = self.ground.client("reporting", "head").get("/api/summaries").json
        self.ids["summary_id"] = {WITHIN: [summary["id"]]}

    def _letters(self) -> None:
        """To each unit with which something is late; and to each unit of POSTS one about what it may know
        of, and one about what was kept from it after the letter was issued."""
        supervisor = self.ground.client("supervision", "supervisor-1")
        reply_by = (clock.today() + timedelta(days=30)).isoformat()
        for row in supervisor.get("/api/letters/late-units").json:
            late = supervisor.get(f"/api/letters/late-matters?unit={row['unit']}").json
            body = {"addressee": row["unit"], "clock_ids": [c["id"] for c in late], "reply_by": reply_by}
            drafted = step(self.ground, "supervision", "supervisor-1", "/api/letters", **body)
            path = f"/api/letters/{drafted['id']}/issue"
            step(self.ground, "supervision", "supervisor-1", path, version=drafted["version"])
        letters = self.ground.rows("supervision", Letter)
        self.ids["letter_id"][OUTSIDE] = [str(x.id) for x in letters if x.addressee == "agency-education"]
        with self.ground.instance("supervision").db.write() as session:
            model = session.scalars(select(Letter).options(undefer(Letter.file)).limit(1)).one()
            for where in (WITHIN, EXCLUDED):
                about = UUID(self.ids["petition_id"][where][0])
                made = {unit: _letter_like(model, unit, about) for unit in UNITS.values()}
                session.add_all(made.values())
                self.letters[where] = {unit: str(letter.id) for unit, letter in made.items()}

    def _extracts(self) -> None:
        """One that waits for its agency to read it, of each matter."""
        for where, agency in (
            (WITHIN, "agency-police"),
            (OUTSIDE, "agency-education"),
            (EXCLUDED, "agency-education"),
        ):
            (petition_id,) = self.ids["petition_id"][where]
            made = extract_of(self.ground, petition_id, by="head", text=SAID, agency=agency)
            path = f"/api/extracts/{made['id']}/issue"
            step(self.ground, "notify", "head", path, version=made["version"])
            self.ids["extract_id"][where] = [made["id"]]

    def _openings(self) -> None:
        """A request to see who brought each matter."""
        with self.ground.instance("intake").db.write() as session:
            for where in (WITHIN, OUTSIDE, EXCLUDED):
                asked = OpeningRequest(
                    id=uuid4(),
                    petition_id=UUID(self.ids["petition_id"][where][0]),
                    asked_by="clerk-2",
                    of_head=False,
                    reason=SAID,
                    asked_at=clock.now(),
                    state=Asked.WAITING,
                )
                session.add(asked)
                self.ids["opening_id"][where] = [str(asked.id)]

    def _digests(self) -> None:
        now = clock.now()
        failed = Digest(id=uuid4(), unit="office-1", state="failed", made_at=now, next_attempt_at=now)
        failed.failed_key, failed.last_error, failed.ended_at = f"{now:%Y}-{failed.id}", "refused", now
        with self.ground.instance("notify").db.write() as session:
            session.add(failed)
            self.ids["digest_id"] = {WITHIN: [str(failed.id)]}
            model = session.scalars(select(Notice).limit(1)).one()
            columns = {c.name: getattr(model, c.name) for c in Notice.__table__.columns}
            own = {"id": uuid4(), "unit": HOME[Role.OPERATOR], "list_key": f"{model.list_key[:20]}-it"}
            own |= {"reference": None, "petition_id": None}  # as the operator's are: about no matter
            session.add(Notice(**columns | own))


def _letter_like(model: Letter, unit: str, about: UUID) -> Letter:
    columns = {c.name: getattr(model, c.name) for c in Letter.__table__.columns if c.name != "version"}
    id_ = uuid4()
    own = {"id": id_, "list_key": f"{model.list_key[:20]}{id_}", "addressee": unit, "number": str(id_)}
    letter = Letter(**columns | own | {"year": None, "serial": None})
    item = {"number": "ZX2026-000001", "duty": "handling", "due_on": model.reply_by}
    letter.items = [LetterItem(clock_id=uuid4(), petition_id=about, **item)]
    return letter
