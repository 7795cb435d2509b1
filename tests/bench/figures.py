"""A measured figure and the table that it stands in."""

import statistics
from dataclasses import dataclass


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


def table(figures: list[Figure]) -> str:
    head = "| what | median | lowest … highest | unit | aim |\n| --- | ---: | ---: | --- | --- |"
    return "\n".join([head, *(figure.row() for figure in figures)])


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
