"""The two-level check before closing, the reply, and who may handle it again (M14).

处理检举控告工作规则 26-27: those who gave their name are told the result; 条例 31(6), 32: a written opinion.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date

from shared.errors import N_, Forbidden, Invalid, OutOfOrder

FIRST, SECOND = 1, 2
NOT_MET = N_("The record has no contact with the petitioner or visit in this round. Record one first.")


@dataclass(frozen=True)
class Proposal:
    """A closing as it is proposed. `why_not_met`: why nobody spoke to an anonymous petitioner."""

    outcome: str
    conclusion: str
    why_not_met: str | None = None


def check_proposal(new: Proposal, *, met_petitioner: bool, anonymous: bool) -> None:
    """Raises Invalid or OutOfOrder: no case is closed over the head of its petitioner."""
    if not new.conclusion.strip():
        raise Invalid(N_("Write what was found and what follows from it."), field="conclusion")
    if met_petitioner:
        return
    if not anonymous:
        raise OutOfOrder(NOT_MET)
    if not (new.why_not_met or "").strip():
        raise Invalid(N_("Say why nobody could speak to the petitioner."), field="why_not_met")


def check_checker(post: str, *, proposed_by: str, checked_by: Collection[str]) -> None:
    """Nobody checks what they proposed, and nobody twice. Raises Forbidden."""
    if why := why_not_to_check(post, proposed_by=proposed_by, checked_by=checked_by):
        raise Forbidden(why)


def why_not_to_check(post: str, *, proposed_by: str, checked_by: Collection[str]) -> str | None:
    """Why a post may not check a proposal, None where it may."""
    if post == proposed_by:
        return N_("You proposed this closing. Somebody else checks it.")
    if post in checked_by:
        return N_("You made the first check. Somebody else makes the second.")
    return None


def check_reasons(passed: bool, reasons: str | None) -> None:
    """Sending back takes reasons. Raises Invalid."""
    if not passed and not (reasons or "").strip():
        raise Invalid(N_("Say what is missing, so that it can be mended."), field="reasons")


@dataclass(frozen=True)
class NewReply:
    """A reply as it is to be recorded. `tried_on`: the days on which `unreachable` was tried."""

    round: int
    means: str
    replied_on: date
    tried_on: Sequence[date] = field(default=())


def is_told(means: Collection[str]) -> bool:
    """Whether replies by these means have told the result; `unreachable` has not."""
    return bool(set(means) - {"unreachable"})


def check_reply(new: NewReply, *, closed_on: date | None, means_before: Collection[str], today: date) -> None:
    """A round is replied to once, after its closing; after `unreachable` a reply may still come through.

    `closed_on`: when that round was closed, None while it was not. Raises OutOfOrder or Invalid.
    """
    if closed_on is None:
        raise OutOfOrder(N_("This round is not closed. The reply comes after both checks."))
    if is_told(means_before):
        raise OutOfOrder(N_("The reply of this round is on record already."))
    days = [new.replied_on, *new.tried_on]
    if max(days) > today:
        raise Invalid(N_("This day has not come yet. Record what was done."), field="replied_on")
    if min(days) < closed_on:
        raise Invalid(
            N_("Before the closing. Give the day on which the result was told."), field="replied_on"
        )
    if new.means == "unreachable" and not new.tried_on:
        raise Invalid(N_("Give the days on which it was tried."), field="tried_on")
    if new.means != "unreachable" and new.tried_on:
        raise Invalid(N_("Leave this out: only `unreachable` has tries."), field="tried_on")
