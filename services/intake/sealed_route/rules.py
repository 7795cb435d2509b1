"""What may be entered of a matter that was handed over unopened.

检举控告工作规则 15: its number, the day and who handed it over, and nothing else.
"""

from collections.abc import Collection
from datetime import date

from shared.errors import N_, Invalid


def check_matter(handed_over_on: date, handed_over_by: str, posts: Collection[str], today: date) -> None:
    """`posts`: the codes of the county's posts. Raises Invalid naming the field."""
    if handed_over_on > today:
        raise Invalid(N_("This day has not come yet. Record what was done."), field="handed_over_on")
    if handed_over_by not in posts:
        raise Invalid(
            N_("There is no such post. Choose one from the county's list of posts."), field="handed_over_by"
        )
