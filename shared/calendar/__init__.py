"""The national working calendar and the terms that are counted on it.

Terms of law are counted in 日 (calendar days), 工作日 (working days) or 月 (months). They are counted
here and nowhere else, so that make-up working days (调休) and years not yet published are treated alike
by every clock.
"""

from shared.calendar.days import (
    ONE_DAY,
    Source,
    is_published,
    is_working_day,
    using,
    working_days_between,
)
from shared.calendar.terms import Term, after_days, after_months, after_working_days

__all__ = [
    "ONE_DAY",
    "Source",
    "Term",
    "after_days",
    "after_months",
    "after_working_days",
    "is_published",
    "is_working_day",
    "using",
    "working_days_between",
]
