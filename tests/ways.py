"""Petitions in every state, many at once, made as people make them: through the API, day by day.

A way is a generator that does a day's steps and yields; `walk` lets all ways do theirs, carries the events,
lets the services' timers run and goes on to the next day. The bench multiplies what comes of it.
"""

from collections.abc import Generator, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from shared import clock
from shared.calendar import after_working_days
from shared.county import RosterEntry, load_county
from tests.factories import petition_body, step
from tests.ground import Ground

Way = Generator[None]
DAYS = timedelta(days=3)  # between two steps
STAGES = (
    "registered",
    "read",
    "accepted",
    "planned",
    "handled",
    "proposed",
    "checked",
    "closed",
    "replied",
    "rated",
)
SAID = "到村里查看，与来信人面谈，核对了账目和合同，村里答应月底前办好。"


@dataclass
class Walker:
    """One petition on its way; `until` is the last of STAGES that it reaches."""

    ground: Ground
    seats: RosterEntry
    until: str = "rated"
    entries: int = 2  # of the handling record
    rating: str = "satisfied"
    excluded: tuple[str, ...] = ()
    body: dict[str, Any] = field(default_factory=dict)
    petition: dict[str, Any] = field(init=False)
    code: str = field(init=False)
    case_id: str = field(init=False)

    def go(self) -> Way:
        """Day by day up to the stage that it ends with."""
        stages = STAGES[: STAGES.index(self.until) + 1]
        for stage in stages:
            yield from getattr(self, f"_{stage}")() or ()
            yield

    def declined(self) -> Way:
        yield from self._screened("decline", reason="no_substance", where_to_go="请写明时间、地点和经过。")

    def transferred(self, answer: str | None = None) -> Way:
        """To the police, who sign for it, send it back, or have not answered (None)."""
        yield from self._screened("transfer", to_agency="agency-police")
        if answer:
            liaison = self.ground.client("intake", "liaison-police")
            waiting = liaison.get("/api/transfers?state=waiting&limit=200").json["items"]
            (own,) = [row for row in waiting if row["number"] == self.petition["number"]]
            body: dict[str, Any] = {"version": own["version"]}
            body |= {"reason": "not_competent", "note": SAID} if answer == "return" else {}
            step(self.ground, "intake", "liaison-police", f"/api/transfers/{own['id']}/{answer}", **body)
            yield

    def _screened(self, what: str, **body: Any) -> Way:
        self._registered()
        yield
        self._read()
        path = f"/api/petitions/{self.petition['id']}/{what}"
        step(self.ground, "intake", "clerk-1", path, version=self._version(), **body)
        yield

    def _registered(self) -> None:
        body = petition_body(township=self.seats.township, received_on=clock.today().isoformat(), **self.body)
        answer = step(self.ground, "intake", "clerk-1", "/api/petitions", **body)
        self.petition, self.code = answer["petition"], answer["code"]

    def _read(self) -> None:
        step(self.ground, "intake", "head", f"/api/petitions/{self.petition['id']}/read")

    def _version(self) -> int:
        shown = self.ground.client("intake", "clerk-1").get(f"/api/petitions/{self.petition['id']}")
        return int(shown.json["version"])

    def _accepted(self) -> Way:
        body = {"version": self._version(), "category": "accusation", "complained_of_units": self.excluded}
        path = f"/api/petitions/{self.petition['id']}"
        step(self.ground, "intake", "clerk-1", f"{path}/accept", **body)
        yield
        instruction = {"text": SAID, "addressee": self.case()["office"], "due_on": self._day(15)}
        step(self.ground, "intake", "head", f"{path}/instructions", **instruction)

    def _planned(self) -> None:
        case = self.case()
        member = {"post": f"{case['office']}-a", "duty": SAID, "responsible": True}
        self.act(case, "office", "-a", "plan", due_on=self._day(40), quality=SAID, members=[member])

    def _handled(self) -> None:
        for _ in range(self.entries):
            today = clock.today().isoformat()
            entry = {"kind": "visit", "occurred_on": today, "text": SAID}
            self.act(self.case(), "office", "-a", "handling", **entry)

    def _proposed(self) -> None:
        self.act(self.case(), "office", "-a", "closing", outcome="settled", conclusion=SAID)

    def _checked(self) -> None:
        self.act(self.case(), "office", "-b", "checks", level=1, passed=True)

    def _closed(self) -> None:
        self.act(self.case(), "leader", "", "checks", level=2, passed=True)

    def _replied(self) -> None:
        replied = {"round": 1, "means": "in_person", "replied_on": clock.today().isoformat()}
        self.act(self.case(), "office", "-a", "replies", **replied)

    def _rated(self) -> None:
        body = {"code": self.code, "rating": self.rating, "round": 1}
        answer = self.ground.client("intake", None).post("/api/portal/rating", json=body)
        assert answer.status_code == 201, answer.text

    def case(self) -> dict[str, Any]:
        clerk = self.ground.client("assignment", "clerk-1")
        if not hasattr(self, "case_id"):
            found: list[dict[str, Any]] = []
            answer: dict[str, Any] = {"next": ""}
            while not found:
                after = f"&after={answer['next']}" if answer["next"] else ""
                answer = clerk.get(f"/api/cases?limit=200{after}").json
                found = [row for row in answer["items"] if row["petition_id"] == self.petition["id"]]
            self.case_id = found[0]["id"]
        case: dict[str, Any] = clerk.get(f"/api/cases/{self.case_id}").json
        return case

    def act(self, case: dict[str, Any], seat: str, desk: str, what: str, **body: Any) -> None:
        """One step in the case by a post of the unit that has this seat."""
        path = f"/api/cases/{case['id']}/{what}"
        step(self.ground, "assignment", f"{case[seat]}{desk}", path, version=case["version"], **body)

    def _day(self, working_days: int) -> str:
        return after_working_days(clock.today(), working_days).due_on.isoformat()


def roster(ground: Ground) -> tuple[RosterEntry, ...]:
    """Who answers for which township at first."""
    return load_county(ground.settings.county_dir).roster


def walk(ground: Ground, ways: Iterable[Way], start: datetime) -> None:
    """Let all ways go, a step each and then three days on, from a moment until the last has ended."""
    going = list(ways)
    with clock.travel(start) as move:
        while going:
            going = [way for way in going if next(way, True) is None]
            ground.carry()
            let_timers_run(ground)
            ground.carry()
            move(DAYS)


def let_timers_run(ground: Ground) -> None:
    """Each service's timers once, until nothing is left for them."""
    for instance in ground.composed.instances.values():
        for task in instance.service.tasks:
            while task.run(instance):
                pass
