"""The ten busiest pages with 10,000, 100,000 and 300,000 petitions on PostgreSQL (`LARGEST=1000000` for a
million: filling the databases then takes most of the time): milliseconds on the server as in `pages`, 20
calls each with other petitions, five times. A figure is the 95th of 100 answers; the last rows are the
largest county by the smallest. Aims: under 150 ms, and under 1.5 times.
"""

import os

from shared.identity.roles import Role
from tests.bench.figures import ROUNDS, Figure, amount, ratio
from tests.bench.pages import AIM, take
from tests.bench.seed import seeded
from tests.ground import Ground
from tests.pages import Page

LARGEST = int(os.environ.get("LARGEST", amount(300_000, 2_000)))
SIZES = (amount(10_000, 500), amount(100_000, 1_000), LARGEST)
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
    by_size = []
    for size in SIZES:
        with seeded(size) as ground:
            by_size.append(_figures(ground, size))
    ratios = [
        ratio(f"{_name(page)}: {LARGEST:,} / {SIZES[0]:,}", large, small, "< 1.5")
        for page, small, large in zip(BUSIEST, by_size[0], by_size[-1], strict=True)
    ]
    return [figure for same_page in zip(*by_size, strict=True) for figure in same_page] + ratios


def _figures(ground: Ground, size: int) -> list[Figure]:
    readings: dict[str, list[float]] = {_name(page): [] for page in BUSIEST}
    for _round in range(ROUNDS):
        for page in BUSIEST:
            taken = take(ground, page)
            assert taken is not None, f"nothing to see at {_name(page)}"
            readings[_name(page)].append(taken.p95)
    return [Figure(f"{name}: {size:,}", "ms", given, f"< {AIM}") for name, given in readings.items()]


def _name(page: Page) -> str:
    return f"/{page.service}{page.rule} ({page.role})"
