"""Who reads for the head, and what an instruction must have.

一把手阅批 (M4); 条例 18: leaders read and deal with letters; 30: never to whoever is complained of.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Protocol

from shared.county import Unit
from shared.errors import N_, Forbidden, Invalid, OutOfOrder
from shared.identity.roles import Role, Viewer

LONGEST_DELEGATION_DAYS = 366
# An agency gets a matter by a transfer, not by an instruction of another commission.
ADDRESSEES = frozenset(
    {"leader", "office", "trial-office", "team", "township", "petition-office", "supervision-office"}
)


class Delegated(Protocol):
    starts_on: date
    ends_on: date
    revoked_at: datetime | None


def holds_on(delegation: Delegated, day: date) -> bool:
    """Whether a delegation is in force on a day."""
    return delegation.revoked_at is None and delegation.starts_on <= day <= delegation.ends_on


def check_reader(viewer: Viewer, delegated: bool) -> None:
    """Whether a viewer reads petitions as, or for, the head. Raises Forbidden."""
    if viewer.role is not Role.HEAD and not delegated:
        raise Forbidden(N_("The head reads the petitions, or the deputy on a delegation in force."))


def check_delegation(stands_in: bool, starts_on: date, ends_on: date, today: date) -> None:
    """Whether a delegation may be given. Raises Invalid naming the field."""
    if not stands_in:
        raise Invalid(
            N_("This post does not stand in for the head. Choose the deputy of the county's list of posts."),
            field="deputy",
        )
    if starts_on < today:
        raise Invalid(N_("A delegation begins today or later."), field="starts_on")
    if ends_on < starts_on:
        raise Invalid(N_("The last day lies before the first. Correct one of them."), field="ends_on")
    if (ends_on - starts_on).days > LONGEST_DELEGATION_DAYS:
        raise Invalid(N_("Longer than a year. Give it anew after that."), field="ends_on")


def check_revocable(delegation: Delegated, today: date) -> None:
    """Whether a delegation can be ended. Raises OutOfOrder where it has ended."""
    if delegation.revoked_at:
        raise OutOfOrder(N_("This delegation was revoked already."))
    if delegation.ends_on < today:
        raise OutOfOrder(N_("This delegation is over; there is nothing to revoke."))


def check_instruction(
    addressee: str, due_on: date | None, *, units: Mapping[str, Unit], excluded: set[str], today: date
) -> None:
    """Whether an instruction may be signed. Raises Invalid naming the field."""
    if addressee not in units or units[addressee].kind not in ADDRESSEES:
        raise Invalid(
            N_("Choose a leader, office, team or township of the commission as the addressee."),
            field="addressee",
        )
    if addressee in excluded:
        raise Invalid(
            N_("The petition complains of this unit, or it was recused: choose another addressee."),
            field="addressee",
        )
    if due_on and due_on < today:
        raise Invalid(N_("This day is over. Choose today or a later day."), field="due_on")
