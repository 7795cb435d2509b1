"""Our worker of `consume` in numbers: 1,500 waiting messages by one, two and four processes (five times in
turns); and whether a flood of one agency delays the events of another: an even trickle of 60 events a second
for three seconds to one process, alone, and while a partner agency sends 2,000 events at once, five times
each. Delays are from sending to the commit of the row.
"""

import statistics
import threading
from collections.abc import Sequence

from tests.bench.consume import rows_a_second
from tests.bench.contestants import (
    HUAJIE,
    PARTNER,
    Place,
    commits,
    delays,
    empty,
    flood,
    place,
    prepare,
    wait_for,
    working,
)
from tests.bench.figures import ROUNDS, Figure, amount, percentile, ratio

WORKERS = (1, 2, 4)
WAITING, TRICKLE, FLOOD, A_SECOND = amount(1_500, 200), amount(180, 30), amount(2_000, 300), 60.0


def measure() -> list[Figure]:
    through: dict[int, list[float]] = {workers: [] for workers in WORKERS}
    alone, flooded = [], []
    with place() as there:
        prepare(there, HUAJIE)
        for _round in range(ROUNDS):
            for workers in WORKERS:
                through[workers].append(_throughput(there, workers))
            calm, rough = _trickles(there, (0, FLOOD))
            alone.append(calm)
            flooded.append(rough)
    figures = [Figure(f"{n} worker{'s' * (n > 1)}: throughput", "messages/s", through[n]) for n in WORKERS]
    figures += [ratio(f"{n} workers / 1", Figure("", "", through[n]), figures[0]) for n in WORKERS[1:]]
    by_itself = Figure("trickle alone: p99", "ms", [percentile(each, 99) for each in alone])
    in_flood = Figure("trickle in another's flood: p99", "ms", [percentile(each, 99) for each in flooded])
    return [
        *figures,
        Figure("trickle alone: p50", "ms", [statistics.median(each) for each in alone]),
        by_itself,
        Figure("trickle in another's flood: p50", "ms", [statistics.median(each) for each in flooded]),
        in_flood,
        ratio("p99 in the flood / alone", in_flood, by_itself, "no delay"),
    ]


def _throughput(there: Place, workers: int) -> float:
    empty(there, HUAJIE)
    HUAJIE.send(there, WAITING, 0.0)
    with working(there, HUAJIE, workers):
        wait_for(there, HUAJIE, WAITING)
    return rows_a_second(commits(there, HUAJIE))


def _trickles(there: Place, floods: Sequence[int]) -> list[list[float]]:
    """The delays of a trickle to one worker, each time while so many events of a partner come at once."""
    found = []
    empty(there, HUAJIE)
    with working(there, HUAJIE):
        HUAJIE.send(there, 20, 0.0)
        wait_for(there, HUAJIE, 20)  # it is up
        for flooding in floods:
            empty(there, HUAJIE)
            sending = threading.Thread(target=flood, args=(there, flooding))
            sending.start()
            HUAJIE.send(there, TRICKLE, A_SECOND)
            sending.join()
            wait_for(there, HUAJIE, TRICKLE)
            wait_for(there, HUAJIE, flooding, PARTNER)
            found.append(delays(there, HUAJIE))
    return found
