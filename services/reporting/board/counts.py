"""Keeps the board's counts while petitions change, so that a board of millions is read as fast as of ten.

Each change adds what it adds and takes away; `sum_up` makes one row of the rows of a cell again.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from services.reporting.board.models import BoardCount, BoardPetition
from services.reporting.board.rules import LASTING, lasting
from shared.runtime.service import Instance

KEYS = ("month", "township", "leader", "office", "team", "content_class", "accepted")
CELLS_AT_ONCE = 500  # so that no writer waits long on SQLite


@contextmanager
def following(session: Session, petition: BoardPetition) -> Iterator[None]:
    """Whatever is done to the petition inside this block is done to the counts too."""
    changes: dict[tuple[Any, ...], Counter[str]] = {}
    _count(changes, petition, -1)
    yield
    _count(changes, petition, 1)
    session.add_all(_rows(changes))


def sum_up(instance: Instance) -> bool:
    """Make one row of the rows of some cells; True when more wait."""
    with instance.db.write() as session:
        several = select(BoardCount.cell).group_by(BoardCount.cell).having(func.count() > 1)
        cells = session.scalars(several.limit(CELLS_AT_ONCE)).all()
        # What is deleted is what is summed, so that a row which came meanwhile is neither lost nor doubled.
        columns = [getattr(BoardCount, name) for name in (*KEYS, *LASTING)]
        gone = delete(BoardCount).where(BoardCount.cell.in_(cells)).returning(*columns)
        sums: dict[tuple[Any, ...], Counter[str]] = {}
        for row in session.execute(gone).mappings():
            counts = sums.setdefault(tuple(row[name] for name in KEYS), Counter())
            counts.update({name: row[name] for name in LASTING})
        session.add_all(_rows(sums))
    return len(cells) == CELLS_AT_ONCE


def _count(changes: dict[tuple[Any, ...], Counter[str]], petition: BoardPetition, sign: int) -> None:
    """Add a petition, or take it away, where it counts now: nowhere before its registration is known."""
    if petition.registered_on is None or petition.withdrawn:
        return
    values = {name: getattr(petition, name) for name in KEYS if name != "accepted"}
    values["accepted"] = petition.accepted_on is not None
    counts = changes.setdefault(tuple(values[name] for name in KEYS), Counter())
    counts.update({name: sign * count for name, count in lasting(petition).items()})


def _rows(sums: dict[tuple[Any, ...], Counter[str]]) -> list[BoardCount]:
    """A row for each cell whose counts are not all nothing."""
    return [
        BoardCount(
            cell="|".join(str(value or "") for value in cell), **dict(zip(KEYS, cell, strict=True)), **counts
        )
        for cell, counts in sums.items()
        if any(counts.values())
    ]
