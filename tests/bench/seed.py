"""Fills the five databases of a PostgreSQL with as many petitions as wanted, as if three years had passed.

Some ninety petitions go through everything for real (tests/ways.py), in all townships and states; then each
service's rows of them are multiplied (multiply.py). The same every time but for the ids of those ninety.
`python -m tests.bench.seed 100000` keeps the server until Enter is pressed, to look at plans of queries.
"""

import atexit
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from datetime import time as dawn
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, text, update

from services import all_services
from services.intake.registration.models import Petition
from services.notify.inbox.commands import count_arrival
from services.notify.inbox.models import Arrival, Notice
from services.notify.inbox.rules import ARRIVALS, READ
from services.reporting.board.counts import _count, _rows
from services.reporting.board.models import BoardCount, BoardPetition
from shared import clock
from shared.db.engine import Database
from shared.db.numbers import NumberSeries
from shared.runtime.service import Instance
from tests.bench.multiply import Copy, multiply, multiply_boxes, owners_of, take_over
from tests.ground import Ground, clear_memory_bus, one_process
from tests.servers import PostgreSQL
from tests.ways import STAGES, Walker, Way, roster, walk

# What is filled once and thrown away needs no log to recover from.
FOR_FILLING = {
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "full_page_writes": "off",
    "shared_buffers": "1GB",
}
KEPT = ExitStack()
atexit.register(KEPT.close)
DAYS = 3 * 365
MATTERS = ("村道硬化", "低保评定", "征地补偿", "饮水工程", "集体资金", "宅基地", "退耕还林款", "学校食堂")
WHAT = ("没有完工", "没有公示", "数目不符", "无人过问", "多年未付", "优亲厚友", "收据对不上", "办理拖延")
PLACES = ("桥头村", "水田坝村", "百福头村", "松树岭村", "大路沟村", "龙王垭村", "柿子坪村", "双河口村")
CLASSES = ("01", "03", "05", "07", "09", "12", "99")
CHANNELS = ("letter", "visit", "call", "web", "assigned", "passed_on")


@dataclass(frozen=True)
class Kind:
    """Templates that end alike: how long ago they began, how far back their copies go, their share."""

    walker: Walker
    way: Way
    ago: int  # days
    back: int  # days
    share: float


@cache
def seeded(count: int) -> Ground:
    """The five services on a private PostgreSQL with so many petitions; nothing runs by itself.

    Kept until the process ends: filling takes minutes, and several parts measure with as many.
    """
    few, kinds = _templates()
    server = KEPT.enter_context(PostgreSQL(fsync=False, **FOR_FILLING))
    for service in all_services():
        server.create_database(service.name)
    many = KEPT.enter_context(Ground(replace(few.settings, database_url=server.url("{service}"))))
    many.prepare()
    for name, instance in few.composed.instances.items():
        take_over(instance, many.instance(name))
    _fill(many, kinds, count)
    return many


@cache
def _templates() -> tuple[Ground, list[Kind]]:
    """Each petition at its end, once for all sizes. On SQLite: quicker."""
    clear_memory_bus()
    directory = tempfile.mkdtemp(prefix="huajie-templates-")
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    ground = Ground(one_process(Path(directory)))
    ground.prepare()
    kinds = _kinds(ground)
    for ago in sorted({kind.ago for kind in kinds}, reverse=True):
        start = clock.now() - timedelta(days=ago)
        walk(ground, [kind.way for kind in kinds if kind.ago == ago], start)
    _read_the_old(ground)
    return ground, kinds


def _fill(ground: Ground, kinds: list[Kind], count: int) -> None:
    instances = list(ground.composed.instances.values())
    owners = owners_of(instances, [UUID(kind.walker.petition["id"]) for kind in kinds])
    copies = _copies(ground, kinds, count - len(kinds))

    def fill(instance: Instance) -> None:
        multiply(instance, owners, copies)
        multiply_boxes(instance, count // len(kinds))

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(fill, reversed(instances)))  # notify, which takes longest, among the first
    _go_on_counting(ground, copies)
    _tell_of_arrivals(ground)
    _count_for_the_board(ground)
    for instance in instances:
        with instance.db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("SET statement_timeout = 0"))
            connection.execute(text("VACUUM ANALYZE"))


def _kinds(ground: Ground) -> list[Kind]:
    """Each township has its share of every end; what is open is young, or late."""
    found: list[Kind] = []
    for place, seats in enumerate(roster(ground)):
        ends = [
            ("rated", "go", 120, DAYS, 0.50, {"entries": 3}),
            ("replied", "go", 120, DAYS, 0.30, {}),
            (STAGES[3 + place % 4], "go", 120, 45, 0.02, {}),  # late
            (STAGES[place % 6], "go", 21, 14, 0.08, {}),
            (
                ("", "declined", 120, DAYS, 0.15, {}),
                ("", "transferred", 120, DAYS, 0.12, {}),
                ("replied", "go", 120, DAYS, 0.05, {"excluded": ("leader-2", "office-3")}),
            )[place % 3],
        ]
        if place % 5 == 0:
            ends.append(("rated", "go", 60, 30, 0.02, {"rating": "dissatisfied"}))  # open again
        for until, way, ago, back, share, more in ends:
            walker = Walker(ground, seats, until=until, body=_body(len(found)), **more)
            found.append(Kind(walker, getattr(walker, way)(), ago, back, share))
    return found


def _body(number: int) -> dict[str, Any]:
    body = {
        "channel": CHANNELS[number % len(CHANNELS)],
        "content_class": CLASSES[(number * 3) % len(CLASSES)],
        "superior_assigned": number % 11 == 0,
        "place": PLACES[0],
    }
    return body if number % 4 else body | {"person": None}


def _copies(ground: Ground, kinds: list[Kind], count: int) -> list[Copy]:
    """What is to be made, in the order of the days on which it came, so that the numbers are too."""
    chance = random.Random(1)
    template = {row.id: row for row in ground.rows("intake", Petition)}
    weights = [kind.share for kind in kinds]
    drawn = [(kind, chance.randint(1, kind.back)) for kind in chance.choices(kinds, weights, k=count)]

    def came(one: tuple[Kind, int]) -> date:
        kind, days = one
        return clock.local_date(template[UUID(kind.walker.petition["id"])].registered_at) - timedelta(days)

    drawn.sort(key=came)
    given = Counter({row.year: row.last for row in _series(ground.instance("intake").db)})
    copies = []
    for place, (kind, days) in enumerate(drawn):
        year = came((kind, days)).year
        given[year] += 1
        where = chance.choice(PLACES)
        copies.append(
            Copy(
                template=UUID(kind.walker.petition["id"]),
                template_number=kind.walker.petition["number"],
                salt=f"-{place}",
                days=days,
                number=f"ZX{year}-{given[year]:06d}",
                title=f"{where}{chance.choice(MATTERS)}{chance.choice(WHAT)}",
                place=f"{where}{chance.randint(1, 12)}组",
                words=f"{chance.choice(MATTERS)}的事{chance.choice(WHAT)}，请查明。" * chance.randint(1, 6),
            )
        )
    return copies


def _series(db: Database) -> list[NumberSeries]:
    with db.read() as session:
        return list(session.scalars(select(NumberSeries).where(NumberSeries.series == "ZX")))


def _go_on_counting(ground: Ground, copies: list[Copy]) -> None:
    """The next petition registered gets the number after the last copy's."""
    with ground.instance("intake").db.write() as session:
        for year in {copy.number[2:6] for copy in copies}:
            last = max(int(copy.number[7:]) for copy in copies if copy.number[2:6] == year)
            session.merge(NumberSeries(series="ZX", year=int(year), last=last))


def _tell_of_arrivals(ground: Ground) -> None:
    """Notices that count a day's arrivals, for each day that has any."""
    with ground.instance("notify").db.write() as session:
        told = set(session.scalars(select(Notice.day).where(Notice.kind == ARRIVALS)))
        for day in set(session.scalars(select(Arrival.day).distinct())) - told:
            one = session.scalars(select(Arrival.petition_id).where(Arrival.day == day).limit(1)).one()
            session.execute(delete(Arrival).where(Arrival.petition_id == one))
            count_arrival(session, one, datetime.combine(day, dawn(), clock.COUNTY_ZONE))


def _read_the_old(ground: Ground) -> None:
    """Everyone has read what came more than two weeks ago."""
    old = update(Notice).where(Notice.occurred_at < clock.now() - timedelta(days=14))
    with ground.instance("notify").db.write() as session:
        read_key = READ + func.substr(Notice.list_key, 2)
        session.execute(old.values(read_at=Notice.occurred_at, list_key=read_key))


def _count_for_the_board(ground: Ground) -> None:
    """The board's counts as they would be had each event been heard, summed up."""
    counts: dict[tuple[Any, ...], Counter[str]] = {}
    with ground.instance("reporting").db.write() as session:
        session.execute(delete(BoardCount))
        columns = select(*BoardPetition.__table__.columns).execution_options(yield_per=5000)
        for petition in session.execute(columns):
            _count(counts, petition, 1)  # type: ignore[arg-type]
        session.add_all(_rows(counts))


def main(count: int) -> None:
    began = time.monotonic()
    ground = seeded(count)
    took = time.monotonic() - began
    print(f"{count:,} petitions in {took:.0f} s", ground.settings.database_url, flush=True)
    input("Enter ends it ")


if __name__ == "__main__":
    main(int(sys.argv[1]))
