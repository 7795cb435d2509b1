"""A county with something of everything: petitions at each step, late ones, an import, what failed.

Told once for all pages that are looked at. `known()` are the texts that stand on pages as somebody wrote
them.
"""

import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from openpyxl import load_workbook

from services.notify.delivery.models import Digest
from services.notify.delivery.rules import BACKOFF, State, failed_key
from shared import clock
from shared.db.inbox import Arrival, receive
from shared.identity.roles import Role
from tests.factories import TOWNSHIP, extract_of, step
from tests.ground import Ground
from tests.ways import DAYS, SAID, STAGES, Walker, Way, roster, walk

SAMPLE = Path(__file__).parents[2] / "services/intake/sample/petitions.xlsx"
TITLES = {
    "registered": "桥头村低保评定没有公示",
    "read": "水田坝村饮水工程停了两年",
    "accepted": "百福头村集体资金去向不明",
    "planned": "松树岭村征地补偿数目不符",
    "handled": "大路沟村退耕还林款多年未付",
    "proposed": "龙王垭村道路硬化没有完工",
    "checked": "柿子坪村宅基地审批拖延",
    "closed": "双河口村学校食堂收据对不上",
    "replied": "桥头村水渠无人过问",
    "rated": "水田坝村公益林补助优亲厚友",
    "declined": "邻里之间的借款",
    "transferred": "夜间施工扰民",
}
TEXT = "从去年十月起，我们几户向村里问过三次，都说等一等。请派人来看一看，给个说法。"
NAME, VILLAGE = "甲某", "三组"
NUMBERS = {f"竹纪{kind}〔{clock.today().year}〕1号" for kind in ("通报", "督函")}  # of documents
WRITTEN = {*TITLES.values(), TEXT, SAID, NAME, VILLAGE, "请写明时间、地点和经过。", *NUMBERS}
# Which petitions are looked at by which role, by the stage that they are at: each has a step of theirs to do.
LOOKED_AT: dict[Role, tuple[str, ...]] = {
    Role.CLERK: ("registered", "declined", "transferred", "rated"),
    Role.HEAD: ("registered", "accepted"),
    Role.LEADER: ("checked", "accepted"),
    Role.OFFICE: ("accepted", "planned", "handled", "closed"),
    Role.TEAM: ("handled",),
    Role.TOWNSHIP: ("planned",),
    Role.SUPERVISOR: ("planned", "rated"),
}


@dataclass
class Tale:
    """What came of it: the petitions and their query codes by the stage that they are at."""

    petitions: dict[str, UUID]
    codes: dict[str, str]

    def petitions_of(self, role: Role | None) -> dict[str, UUID]:
        """Those that are looked at by a role, by their stage."""
        stages = LOOKED_AT.get(role, ()) if role else ()
        return {stage: self.petitions[stage] for stage in stages}


def tell(ground: Ground) -> Tale:
    """Let it happen, so that the last step is today, and start the services' loops."""
    (seats,) = [entry for entry in roster(ground) if entry.township == TOWNSHIP]
    walkers = {stage: Walker(ground, seats, body=_body(stage)) for stage in TITLES}
    ways = [_begin_late(stage, walker) for stage, walker in walkers.items()]
    walk(ground, ways, clock.now() - DAYS * (len(STAGES) + 2))
    ground.start()
    _import_sample(ground)
    ground.settle()
    _issue_documents(ground)
    ground.settle()
    _share(ground, str(walkers["planned"].petition["id"]))
    _leave_faults(ground)
    return Tale(
        {stage: UUID(walker.petition["id"]) for stage, walker in walkers.items()},
        {stage: walker.code for stage, walker in walkers.items()},
    )


def _cells(path: Path) -> set[str]:
    """All that is written in a workbook."""
    rows = (row for sheet in load_workbook(path, read_only=True) for row in sheet.iter_rows(values_only=True))
    return {str(cell).strip() for row in rows for cell in row if isinstance(cell, str) and cell.strip()}


def known() -> list[str]:
    """Texts that stand on pages as somebody wrote them, the longest first."""
    return sorted(WRITTEN | _cells(SAMPLE), key=len, reverse=True)


def _body(stage: str) -> dict[str, object]:
    person = {"name": NAME, "phone": "13800000000"}
    return {"title": TITLES[stage], "text": TEXT, "person": person}


def _begin_late(stage: str, walker: Walker) -> Way:
    if stage == "declined":
        yield from walker.declined()
    elif stage == "transferred":
        yield from walker.transferred()
    else:
        walker.until = stage
        yield from walker.go()


def _import_sample(ground: Ground) -> None:
    clerk = ground.client("intake", "clerk-1")
    for _ in range(2):  # one is brought in, one still asks for its columns
        with SAMPLE.open("rb") as file:
            answer = clerk.post("/api/imports", data={"file": (file, SAMPLE.name)})
        assert answer.status_code == 201, answer.text
    import_ = answer.json
    body = {"version": import_["version"], "mapping": import_["mapping"]}
    confirmed = clerk.put(f"/api/imports/{import_['id']}/mapping", json=body)
    assert confirmed.status_code == 200, confirmed.text
    while clerk.get(f"/api/imports/{import_['id']}").json["state"] != "done":
        time.sleep(0.1)


def _issue_documents(ground: Ground) -> None:
    """The bulletin of last month; a letter to the office that waits for its answer, and the draft of one."""
    last_month = clock.today().replace(day=1) - timedelta(days=1)
    step(ground, "reporting", "clerk-1", "/api/bulletins", month=f"{last_month:%Y-%m}")
    late = ground.client("supervision", "supervisor-1").get("/api/letters/late-matters?unit=office-1").json
    body = {
        "addressee": "office-1",
        "clock_ids": [row["id"] for row in late],
        "reply_by": (clock.today() + timedelta(days=14)).isoformat(),
        "demand": SAID,
    }
    letters = [step(ground, "supervision", "supervisor-1", "/api/letters", **body) for _ in range(2)]
    issue = f"/api/letters/{letters[0]['id']}/issue"
    step(ground, "supervision", "supervisor-1", issue, version=letters[0]["version"])


def _share(ground: Ground, petition_id: str) -> None:
    """Extracts for the police: a draft, one not yet read, one that was answered, and a recalled one."""
    made = [extract_of(ground, petition_id, by="office-1-a", text=SAID) for _ in range(4)]

    def take(extract: dict[str, Any], post: str, what: str, **more: Any) -> dict[str, Any]:
        path = f"/api/extracts/{extract['id']}/{what}"
        return step(ground, "notify", post, path, version=extract["version"], **more)

    _issued, answered, recalled = (take(each, "leader-1", "issue") for each in made[1:])
    read = take(answered, "liaison-police", "receipt")
    take(read, "liaison-police", "answer", result="done", text=SAID)
    take(recalled, "leader-1", "recall", reason="issued_in_error")


def _leave_faults(ground: Ground) -> None:
    for service in ("intake", "reporting"):
        with ground.instance(service).db.write() as session:
            receive(session, [Arrival(b"not json")], set())
    now = clock.now()
    with ground.instance("notify").db.write() as session:
        for unit in ("leader-1", "office-1"):
            id_ = uuid4()
            ended = now - timedelta(hours=2)
            session.add(
                Digest(
                    id=id_,
                    unit=unit,
                    state=State.FAILED,
                    attempts=len(BACKOFF) + 1,
                    made_at=now - timedelta(days=1),
                    next_attempt_at=ended,
                    ended_at=ended,
                    last_error="550",
                    failed_key=failed_key(ended, id_),
                )
            )
