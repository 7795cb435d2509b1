"""How near a day is: the light beside it on intake's pages.

督办分级预警: yellow in the last third, orange in the last three working days. The light that counts for the
measures is supervision's, which knows the day on which the duty began.
"""

from datetime import date

from shared.calendar import working_days_between

ORANGE_WORKING_DAYS = 3
LAST_PART = 3


def light_of(due_on: date, today: date, started_on: date | None = None) -> str:
    """green, yellow, orange or red; without the day on which it began never yellow."""
    if today > due_on:
        return "red"
    if working_days_between(today, due_on) < ORANGE_WORKING_DAYS:
        return "orange"
    is_last_part = started_on is not None and today >= due_on - (due_on - started_on) // LAST_PART
    return "yellow" if is_last_part else "green"
