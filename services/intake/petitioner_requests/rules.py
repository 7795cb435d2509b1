"""What a petitioner may ask for, when, and who sees and answers it.

检举控告工作规则 27: an objection to the reply is put on record and answered, new evidence is looked into.
条例 35, 36: against the written decision of a petition procedure, review by the next higher organ can be
asked for within 30 days, and re-examination within 30 days of its answer; the organ has 30 days.
检举控告工作规则 47(4): publicity only with the petitioner's consent, which can be withdrawn at any time.
检举控告工作规则 49, 条例 18: retaliation is reported to a body outside the chain of the case.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from shared.calendar import after_days
from shared.errors import N_, Forbidden, OutOfOrder
from shared.identity.roles import CASEWORK, Role

LONGEST = 5_000
TERM = 30  # days, 条例 35 and 36: to ask, and to answer
MOST_OPEN_REPORTS = 5  # of retaliation on one petition


class Kind(StrEnum):
    OBJECTION = "objection"
    REVIEW = "review"
    WITHDRAW_CONSENT = "withdraw_consent"
    RETALIATION = "retaliation"


class State(StrEnum):
    OPEN = "open"
    ANSWERED = "answered"


# Who handled it explains it (27); a review is not answered by those whose decision it is about (35).
# Who gets reports of retaliation is a setting of the county and asked of no role: queries.py.
ANSWERS: Mapping[Kind, frozenset[Role]] = {
    Kind.OBJECTION: frozenset({Role.CLERK, Role.LEADER, Role.OFFICE}),
    Kind.REVIEW: frozenset({Role.CLERK, Role.HEAD}),
    Kind.WITHDRAW_CONSENT: frozenset(),  # done as it is asked
    Kind.RETALIATION: frozenset({Role.SUPERVISOR, Role.HEAD}),
}
READERS = CASEWORK

NOT_YET = N_("This is possible once the matter is closed or you have the reply.")
ASKED_BEFORE = N_("You have asked for this already; it is being dealt with. The answer will appear here.")


def possible(
    *, procedure: str | None, replied_on: date | None, is_closed: bool, consents: bool, today: date
) -> set[Kind]:
    """What may be asked for now, leaving aside what is asked for already."""
    found = {Kind.RETALIATION}
    if is_closed or replied_on:
        found.add(Kind.OBJECTION)
    if procedure == "petition" and replied_on and today <= last_day_of_review(replied_on):
        found.add(Kind.REVIEW)
    if consents:
        found.add(Kind.WITHDRAW_CONSENT)
    return found


def last_day_of_review(replied_on: date) -> date:
    """Until when review may be asked for (条例 35; 民法典 201, 203)."""
    return after_days(replied_on, TERM).due_on


def answer_due(kind: Kind, made_on: date) -> date | None:
    """Until when it is to be answered; None where no article says."""
    return after_days(made_on, TERM).due_on if kind is Kind.REVIEW else None


def check_possible(
    kind: Kind, possible_now: set[Kind], procedure: str | None, replied_on: date | None
) -> None:
    """Whether a petitioner may ask for this now. Raises OutOfOrder, saying what is possible instead."""
    if kind in possible_now:
        return
    if kind is Kind.WITHDRAW_CONSENT:
        raise OutOfOrder(N_("No consent to publicity is on record: nothing of it will be made public."))
    if kind is Kind.REVIEW and procedure not in (None, "petition"):
        raise OutOfOrder(
            N_(
                "Review belongs to the petition procedure (Regulation, article 35). "
                "Object to the reply instead."
            )
        )
    if kind is Kind.REVIEW and replied_on:
        raise OutOfOrder(
            N_(
                "The 30 days for review are over (Regulation, article 35). If you got the reply later "
                "than it is recorded here, write a message that says when."
            )
        )
    raise OutOfOrder(NOT_YET)


def check_asked(kind: Kind, open_before: int) -> None:
    """Whether the same is open already. Raises OutOfOrder."""
    if open_before >= (MOST_OPEN_REPORTS if kind is Kind.RETALIATION else 1):
        raise OutOfOrder(ASKED_BEFORE)


def check_answer(kind: Kind, state: str, role: Role) -> None:
    """Whether a role may answer it now. Raises OutOfOrder, Forbidden."""
    if state != State.OPEN:
        raise OutOfOrder(N_("This was answered already. Write a message if there is more to say."))
    if role not in ANSWERS[kind]:
        raise Forbidden(N_("Your role does not answer this. The list of requests shows whose it is."))
