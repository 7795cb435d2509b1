"""The ten busiest pages with 10,000 and 100,000 petitions on PostgreSQL, and with as many as `LARGEST` says
besides (`LARGEST=1000000`: filling its databases takes half an hour, and 50 GB of disk): milliseconds on the
server as in `pages`, 10 calls each with other petitions, five times, all sizes in turns. A figure is the 95th
of 100 answers; the last rows are the largest county by the smallest. Aims: under 150 ms, and under 1.5 times.
"""

import os

from shared.identity.roles import Role
from tests.bench.figures import ROUNDS, Figure, amount, ratio
from tests.bench.pages import AIM, take
from tests.bench.seed import seeded
from tests.pages import Page

LARGEST = int(os.environ.get("LARGEST", "0"))
SIZES = (amount(10_000, 500), amount(100_000, 1_000), *([LARGEST] if LARGEST else []))
CALLS = amount(10, 2)
BUSIEST = (
    Page("intake", "/desk/part", (), Role.CLERK),
    Page("intake", "/register", (), Role.CLERK),
    Page("intake", "/register?q=桥头村", (), Role.CLERK),
    Page("intake", "/petitions/<uuid:petition_id>", ("petition_id",), Role.CLERK),
    Page("intake", "/reading/next", (), Role.HEAD),
    Page("assignment", "/cases", (), Role.OFFICE),
    Page("assignment", "/petitions/<uuid:petition_id>/part", ("petition_id",), Role.OFFICE),
    Page("supervision", "/duties", (), Role.SUPERVISOR),
    Page("notify", "/inbox", (), Role.OFFICE),
    Page("reporting", "/board", (), Role.HEAD),
)


def measure() -> list[Figure]:
    grounds = {size: seeded(size) for size in SIZES}
    readings: dict[tuple[Page, int], list[float]] = {(page, size): [] for page in BUSIEST for size in SIZES}
    for _round in range(ROUNDS):
        for page, size in readings:
            taken = take(grounds[size], page, CALLS, warm_up=1)
            assert taken is not None, f"nothing to see at {_name(page)}"
            readings[page, size].append(taken.p95)
    figures = {
        (page, size): Figure(f"{_name(page)}: {size:,}", "ms", given, f"< {AIM}")
        for (page, size), given in readings.items()
    }
    ratios = [
        ratio(
            f"{_name(page)}: {SIZES[-1]:,} / {SIZES[0]:,}",
            figures[page, SIZES[-1]],
            figures[page, SIZES[0]],
            "< 1.5",
        )
        for page in BUSIEST
    ]
    return [*figures.values(), *ratios]


def _name(page: Page) -> str:
    return f"/{page.service}{page.rule} ({page.role})"
