"""Numbers of the register: one after the other in each year, none skipped and none given twice."""

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from services.intake.registration.models import NumberSeries


def next_numbers(session: Session, series: str, year: int, count: int = 1) -> list[str]:
    """The next numbers of a series, e.g. ZX2026-000123. A rollback gives them back.

    Others who want numbers of the same series and year wait until this transaction ends: that is why
    there are no gaps.
    """
    if not count:
        return []
    postgres = session.get_bind().dialect.name == "postgresql"
    insert = postgresql.insert if postgres else sqlite.insert
    # One statement, so that two who give the first number of a year do not collide.
    taken = (
        insert(NumberSeries)
        .values(series=series, year=year, last=count)
        .on_conflict_do_update(
            index_elements=[NumberSeries.series, NumberSeries.year], set_={"last": NumberSeries.last + count}
        )
        .returning(NumberSeries.last)
    )
    last = session.execute(taken).scalar_one()
    return [f"{series}{year}-{number:06d}" for number in range(last - count + 1, last + 1)]
