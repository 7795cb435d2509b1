"""A message in RabbitMQ to one committed row in PostgreSQL, one worker process. Ours with inbox, outbox,
ledger and relay, so that each row and the event that it causes are there exactly once; the peers without.

Throughput: 1,500 messages wait before the worker starts; of the rows, the tenths from the second to the last
count. Latency: then, from sending a message to the commit of its row, 90 messages a second for 1.5 seconds.
Five rounds in turns. All are one process of Python, so the ratios are per core of the worker's. Peers, each
as its documentation recommends for speed (tests/bench/peers): Celery 5.7, acks_late, quorum queue, solo
pool, prefetch 50, no results, no gossip, mingle or heartbeat; Dramatiq 2.2, classic queue, one process,
eight threads; FastStream 0.7, quorum queue, prefetch 50, a pool of ten connections; and a consumer written
by hand with kombu, quorum queue, prefetch 50, a transaction for each message.
"""

import statistics
from collections import defaultdict

from tests.bench.contestants import (
    HUAJIE,
    PEERS,
    Contestant,
    Place,
    commits,
    delays,
    empty,
    make_peers_environment,
    place,
    prepare,
    wait_for,
    working,
)
from tests.bench.figures import ROUNDS, Figure, amount, percentile, ratio

WAITING, PACED, A_SECOND = amount(1_500, 100), amount(135, 50), 90.0
AIMS = {"celery": "≥ 2", "faststream": "≥ 2"}
Readings = dict[str, list[float]]  # by contestant


def measure() -> list[Figure]:
    make_peers_environment()
    through, middle, slow = (defaultdict[str, list[float]](list) for _ in range(3))
    with place() as there:
        for contestant in (HUAJIE, *PEERS):
            prepare(there, contestant)
        for _round in range(ROUNDS):
            for contestant in (HUAJIE, *PEERS):
                rate, taken = once(there, contestant)
                through[contestant.name].append(rate)
                middle[contestant.name].append(statistics.median(taken))
                slow[contestant.name].append(percentile(taken, 99))
    return _figures(through, middle, slow)


def _figures(through: Readings, middle: Readings, slow: Readings) -> list[Figure]:
    figures = []
    for contestant in (HUAJIE, *PEERS):
        name, label = contestant.name, contestant.label
        figures.append(Figure(f"{label}: throughput", "messages/s", through[name]))
        figures.append(Figure(f"{label}: latency, p50", "ms", middle[name]))
        figures.append(Figure(f"{label}: latency, p99", "ms", slow[name]))
    ours = Figure("", "", through[HUAJIE.name])
    for peer in PEERS:
        theirs = Figure("", "", through[peer.name])
        figures.append(ratio(f"Huajie / {peer.label}, throughput", ours, theirs, AIMS.get(peer.name, "")))
    return figures


def once(there: Place, contestant: Contestant) -> tuple[float, list[float]]:
    """Rows a second of what waits, then the delays of what comes evenly."""
    empty(there, contestant)
    contestant.send(there, WAITING, 0.0)
    with working(there, contestant):
        wait_for(there, contestant, WAITING)
        rate = rows_a_second(commits(there, contestant))
        empty(there, contestant)
        contestant.send(there, PACED, A_SECOND)
        wait_for(there, contestant, PACED)
    return rate, delays(there, contestant)


def rows_a_second(moments: list[float]) -> float:
    """Once the workers are warm: without the first tenth."""
    first = len(moments) // 10
    return (len(moments) - 1 - first) / (moments[-1] - moments[first])
