"""A measured figure and the table that it stands in; and how much is measured.

`BENCH_QUICK=1` measures one round of little, to see in minutes that each part works; its figures say nothing,
so RESULTS.md stays as it is.
"""

import os
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

QUICK = os.environ.get("BENCH_QUICK", "0") not in ("", "0")


def amount(full: int, quick: int) -> int:
    """How many: in a real run, or only to see that it works."""
    return quick if QUICK else full


ROUNDS = amount(5, 1)


@dataclass(frozen=True)
class Figure:
    """Several readings of one thing. `aim` is what the issue asks for, in words."""

    name: str
    unit: str
    readings: list[float]
    aim: str = ""

    @property
    def median(self) -> float:
        return statistics.median(self.readings)

    def row(self) -> str:
        spread = f"{_short(min(self.readings))} … {_short(max(self.readings))}"
        return f"| {self.name} | {_short(self.median)} | {spread} | {self.unit} | {self.aim} |"


def ratio(name: str, ours: Figure, theirs: Figure, aim: str = "") -> Figure:
    """Ours by theirs, reading by reading: both were taken in turns, so a drifting machine hurts neither."""
    pairs = zip(ours.readings, theirs.readings, strict=True)
    return Figure(name, "times", [a / b for a, b in pairs], aim)


def percentile(values: Sequence[float], percent: int) -> float:
    """The value that so many of 100 do not exceed."""
    return sorted(values)[int(percent / 100 * (len(values) - 1))]


def table(figures: list[Figure]) -> str:
    head = "| what | median | lowest … highest | unit | aim |\n| --- | ---: | ---: | --- | --- |"
    return "\n".join([head, *(figure.row() for figure in figures)])


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
