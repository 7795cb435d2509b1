"""The one seam through which time comes in, so that years can pass in a test.

Nothing else in Huajie asks the operating system for the time of day.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

COUNTY_ZONE = ZoneInfo("Asia/Shanghai")


def _system() -> datetime:
    return datetime.now(UTC)


_source: Callable[[], datetime] = _system


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _source()


def today() -> date:
    """The present date in the county (Asia/Shanghai): terms are counted in local dates."""
    return local_date(now())


def local_date(moment: datetime) -> date:
    """The county's date at an aware moment."""
    return moment.astimezone(COUNTY_ZONE).date()


@contextmanager
def travel(to: datetime) -> Iterator[Callable[[timedelta], datetime]]:
    """Stand at an aware moment inside the block; the yielded function moves on by a timedelta.

    Process-wide: all threads see the moved time.
    """
    global _source
    moment = to.astimezone(UTC)

    def move(by: timedelta) -> datetime:
        nonlocal moment
        moment += by
        return moment

    before, _source = _source, lambda: moment
    try:
        yield move
    finally:
        _source = before
