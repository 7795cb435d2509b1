"""When a supervision letter may take which step (M18: the second of the four steps, 发函催办)."""

from datetime import date, datetime
from uuid import UUID

from shared.calendar import ONE_DAY
from shared.errors import N_, Invalid, OutOfOrder

STATES = DRAFT, ISSUED, REPLIED = ("draft", "issued", "replied")
MOST = 50  # matters in a letter
DAYS_TO_ANSWER = 10  # working days: proposed, not prescribed


def check_draft(state: str) -> None:
    """Raises OutOfOrder where it was issued: then it stays as it is."""
    if state != DRAFT:
        raise OutOfOrder(N_("This letter was issued and stays as it is. Write a new one."))


def check_open(state: str) -> None:
    """Raises OutOfOrder where no answer is waited for."""
    if state == DRAFT:
        raise OutOfOrder(N_("This letter is a draft. Issue it first."))
    if state == REPLIED:
        raise OutOfOrder(N_("The answer to this letter is on file already."))


def check_reply_by(reply_by: date, today: date) -> None:
    """Raises Invalid unless there is time to answer."""
    if reply_by <= today:
        raise Invalid(N_("Give a day after today, so that there is time to answer."), field="reply_by")


def check_replied_on(replied_on: date, issued_on: date, today: date) -> None:
    """Raises Invalid for an answer before the letter or in the future."""
    if not issued_on <= replied_on <= today:
        raise Invalid(N_("Give a day from the issue of the letter up to today."), field="replied_on")


def check_chosen(chosen: set[UUID], late: set[UUID]) -> None:
    """Raises Invalid where something chosen is not late with the unit, or may not be told to it."""
    if chosen - late:
        raise Invalid(
            N_("Something chosen is not late with this unit. Load the list again and choose from it."),
            field="clock_ids",
        )


def check_still_late(chosen: set[UUID], late: set[UUID]) -> None:
    """Raises OutOfOrder where something in the draft was done meanwhile, or went elsewhere."""
    if gone := len(chosen - late):
        raise OutOfOrder(
            N_(
                "Of what this draft lists, %(count)s are no longer late with the unit. Change the draft, "
                "then issue it."
            ),
            count=gone,
        )


def late_since(due_on: date) -> date:
    """The first day on which a duty was late."""
    return due_on + ONE_DAY


def list_key(drafted_at: datetime, letter_id: UUID) -> str:
    """Sorts the newest first when read backwards."""
    return f"{drafted_at:%Y-%m-%dT%H:%M:%S.%f}-{letter_id.hex}"
