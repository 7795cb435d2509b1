"""A county in which everything becomes more: petitions at every end, and what belongs to one of them.

What asks the database once more for each row is found by looking at the same page before and after.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import uuid4

from sqlalchemy import delete

from services.notify.delivery.models import Digest
from services.notify.delivery.rules import State, failed_key
from services.reporting.progress.models import FailedMessage
from shared import clock
from shared.db.inbox import Arrival, Inbox, receive
from shared.db.inbox import State as Boxed
from tests.factories import TOWNSHIP, extract_of, look, step
from tests.ground import Ground
from tests.ways import DAYS, SAID, STAGES, Walker, Way, let_timers_run, roster, walk

SHEET = "标题,反映内容,来件日期\n道路失修{n},雨天不能通行，请求修缮。,2026-03-05\n无日期,请求修缮。,不知道\n"
AGO = timedelta(days=70)  # long enough for duties to be late


class Growth:
    """The county's story, told a turn at a time; `grown` is the petition to which things are added."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        (self.seats,) = [entry for entry in roster(ground) if entry.township == TOWNSHIP]
        self.grown: Walker | None = None
        self.turns = 0

    def turn(self) -> None:
        """One petition more at each end, and one thing more of each kind on the grown one."""
        self.turns += 1
        fresh = [Walker(self.ground, self.seats, until=stage) for stage in STAGES]
        self.grown = self.grown or fresh[STAGES.index("handled")]
        unhappy = Walker(self.ground, self.seats, rating="dissatisfied")
        walk(self.ground, [*self._ways(fresh), unhappy.go()], clock.now() - AGO + self.turns * DAYS)
        self._add_to_the_grown(self.grown)
        self._add_elsewhere()
        self.ground.carry()

    def _ways(self, fresh: list[Walker]) -> Iterator[Way]:
        for walker in fresh:
            yield walker.go()
        for answer in (None, "sign", "return"):
            yield Walker(self.ground, self.seats).transferred(answer)
        yield Walker(self.ground, self.seats).declined()

    def _add_to_the_grown(self, grown: Walker) -> None:
        petition = f"/api/petitions/{grown.petition['id']}"
        office, today = f"{self.seats.office}-a", clock.today().isoformat()
        due_on = (clock.today() + timedelta(days=3 + 7 * self.turns)).isoformat()
        instruction = {"text": SAID, "addressee": self.seats.office, "due_on": due_on}
        step(self.ground, "intake", "head", f"{petition}/instructions", **instruction)
        look(self.ground, petition.rpartition("/")[2], SAID)
        step(self.ground, "intake", "clerk-1", f"{petition}/messages", text=SAID)
        portal = self.ground.client("intake", None)
        assert portal.post("/api/portal/messages", json={"code": grown.code, "text": SAID}).status_code < 300
        kinds = ("retaliation", "objection", "review")
        for kind in kinds:
            portal.post("/api/portal/requests", json={"code": grown.code, "kind": kind, "text": SAID})
        form = {"files": (io.BytesIO(SAID.encode()), f"{self.turns}.txt")}
        added = self.ground.client("intake", "clerk-1").post(f"{petition}/attachments", data=form)
        assert added.status_code == 201, added.text
        for _ in range(2):
            grown.act(grown.case(), "office", "-a", "handling", kind="visit", occurred_on=today, text=SAID)
        self.ground.carry()
        self._ask_about_clock(grown, office)
        self._share(grown, office)

    def _share(self, grown: Walker, office: str) -> None:
        extracts = [extract_of(self.ground, grown.petition["id"], by=office, text=SAID) for _ in range(2)]
        issue = f"/api/extracts/{extracts[0]['id']}/issue"
        step(self.ground, "notify", self.seats.leader, issue, version=extracts[0]["version"])

    def _ask_about_clock(self, grown: Walker, office: str) -> None:
        path = f"/api/clocks?petition_id={grown.petition['id']}&state=running&duty=instruction"
        running = self.ground.client("supervision", office).get(path).json["items"]
        newest = max(running, key=lambda row: str(row["due_on"]))
        body = {"reason": "hearing", "reasons": SAID, "version": newest["version"]}
        step(self.ground, "supervision", office, f"/api/clocks/{newest['id']}/pause-requests", **body)

    def _add_elsewhere(self) -> None:
        self._import()
        day = clock.today() + timedelta(days=10 * self.turns)
        body = {"deputy": "deputy", "starts_on": day.isoformat(), "ends_on": day.isoformat()}
        step(self.ground, "intake", "head", "/api/delegations", **body)
        month = (clock.today().replace(day=1) - timedelta(days=31 * self.turns - 1)).strftime("%Y-%m")
        step(self.ground, "reporting", "clerk-1", "/api/bulletins", month=month)
        self._write_letters()

    def _import(self) -> None:
        clerk = self.ground.client("intake", "clerk-1")
        data = SHEET.format(n=self.turns).encode()
        answer = clerk.post("/api/imports", data={"file": (io.BytesIO(data), "petitions.csv")})
        assert answer.status_code == 201, answer.text
        job = answer.json
        body = {"version": job["version"], "mapping": job["mapping"]}
        assert clerk.put(f"/api/imports/{job['id']}/mapping", json=body).status_code == 200
        let_timers_run(self.ground)

    def _write_letters(self) -> None:
        supervisor = self.ground.client("supervision", "supervisor-1")
        late = supervisor.get(f"/api/letters/late-matters?unit={self.seats.office}").json
        body = {
            "addressee": self.seats.office,
            "clock_ids": [row["id"] for row in late[: 2 * self.turns]],
            "reply_by": (clock.today() + timedelta(days=14)).isoformat(),
            "demand": SAID,
        }
        drafts = [step(self.ground, "supervision", "supervisor-1", "/api/letters", **body) for _ in range(2)]
        issue = f"/api/letters/{drafts[0]['id']}/issue"
        step(self.ground, "supervision", "supervisor-1", issue, version=drafts[0]["version"])

    @contextmanager
    def faults(self, number: int) -> Iterator[None]:
        """So many parked messages in each service and e-mails given up, while pages are looked at."""
        databases = [instance.db for instance in self.ground.composed.instances.values()]
        for db in databases:
            with db.write() as session:
                receive(session, [Arrival(f"not json {n}".encode()) for n in range(number)], set())
        with self.ground.instance("notify").db.write() as session:
            session.add_all(_given_up() for _ in range(number))
        with self.ground.instance("reporting").db.write() as session:
            session.add(FailedMessage(notice_id=uuid4(), recipient="office-1", failed_at=clock.now()))
        yield
        for db in databases:
            with db.write() as session:
                session.execute(delete(Inbox).where(Inbox.state == Boxed.PARKED))


def _given_up() -> Digest:
    id_, now = uuid4(), clock.now()
    return Digest(
        id=id_,
        unit="office-1",
        state=State.FAILED,
        attempts=9,
        made_at=now,
        next_attempt_at=now,
        ended_at=now,
        last_error="550",
        failed_key=failed_key(now, id_),
    )
