"""Numbers of registers and documents: one after the other in each year, none skipped and none given twice."""

from sqlalchemy import BindParameter, Executable, String, bindparam
from sqlalchemy.orm import Mapped, Session, mapped_column

from shared.db.base import InsertInto, SharedBase, for_database


class NumberSeries(SharedBase):
    """The last number given of a series in a year, e.g. ZX 2026; its row is locked until the commit."""

    __tablename__ = "number_series"

    series: Mapped[str] = mapped_column(String(8), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


def next_numbers(session: Session, series: str, year: int, count: int = 1) -> list[str]:
    """The next numbers of a series, e.g. ZX2026-000123. A rollback gives them back.

    Others who want numbers of the same series and year wait until this transaction ends: that is why
    there are no gaps.
    """
    if not count:
        return []
    last = next_number(session, series, year, count)
    return [f"{series}{year}-{number:06d}" for number in range(last - count + 1, last + 1)]


def next_number(session: Session, series: str, year: int, count: int = 1) -> int:
    """The next number of a series in a year, counted 1, 2, 3 as documents are; of several the last."""
    given = {"series": series, "year": year, "count": count}
    return int(session.execute(for_database(session, _count_on), given).scalar_one())


def _count_on(insert: InsertInto) -> Executable:
    # One statement, so that two who give the first number of a year do not collide.
    count: BindParameter[int] = bindparam("count")
    number = insert(NumberSeries).values(series=bindparam("series"), year=bindparam("year"), last=count)
    return number.on_conflict_do_update(
        index_elements=[NumberSeries.series, NumberSeries.year], set_={"last": NumberSeries.last + count}
    ).returning(NumberSeries.last)
