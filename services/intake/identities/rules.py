"""Who a petitioner is, who may know it, and when a second person must agree.

检举控告工作规则 47: name, unit and address of who accuses are kept strictly secret; 条例 30, 46(五).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from shared.errors import N_, Forbidden, Invalid, OutOfOrder
from shared.identity.roles import Role, Viewer

MAY_OPEN = frozenset({Role.CLERK, Role.HEAD, Role.LEADER})
MAY_ERASE = frozenset({Role.HEAD})
SHORTEST_REASON, LONGEST_REASON = 4, 300
OPENS_FOR = timedelta(hours=24)
"""How long an agreement is good for, for one look."""


class Purpose(StrEnum):
    """What a key of a petition seals."""

    PERSON = "person"  # the identity, and files as they came, which may tell who made them
    FILES = "files"  # the cleaned copies that people work on: they stay with the case when the identity goes


class Act(StrEnum):
    """What the access log tells."""

    SEEN = "seen"
    REFUSED = "refused"
    ASKED = "asked"
    AGREED = "agreed"
    DENIED = "denied"
    ERASED = "erased"


class Asked(StrEnum):
    """How a request for agreement stands."""

    WAITING = "waiting"
    AGREED = "agreed"
    DENIED = "denied"
    USED = "used"


NOT_YOURS = N_("Your role does not open identities. Ask the clerk to pass on what you need.")
NO_REASON = N_("Say in a few words why you need to know who it is.")
SECOND_PERSON = N_(
    "This is an accusation: a second person must agree first. Ask for it, with the reason; when it was "
    "agreed you have 24 hours for one look."
)
ASKED_BEFORE = N_("You have asked already. You can look once the second person has agreed.")
NOT_NEEDED = N_("Nobody's agreement is needed for this one: open it with a reason.")
DECIDED = N_("This was decided already.")
NOT_TO_DECIDE = N_("This is not yours to agree to: it takes another post than the one that asks.")
ERASED = N_(
    "Who brought this petition was erased; nothing can be added to it. Register it as a new petition."
)


@dataclass(frozen=True)
class Person:
    """A petitioner as they gave themselves: each part may be missing."""

    name: str | None = None
    phone: str | None = None
    id_number: str | None = None
    address: str | None = None

    def __bool__(self) -> bool:
        return any((self.name, self.phone, self.id_number, self.address))

    def __repr__(self) -> str:
        return "Person(sealed)"  # never in a log or a traceback

    @property
    def can_be_reached(self) -> bool:
        """Whether a name and a way to reach them are given."""
        return bool(self.name and (self.phone or self.address))


def check_opener(viewer: Viewer, reason: str) -> None:
    """Whether a viewer may open identities, for this reason. Raises Invalid, Forbidden."""
    check_reason(reason)
    if viewer.role not in MAY_OPEN:
        raise Forbidden(NOT_YOURS)


def check_reason(reason: str) -> None:
    """Raises Invalid where no reason is given."""
    if len(reason.strip()) < SHORTEST_REASON:
        raise Invalid(NO_REASON, field="reason")


def needs_agreement(category: str | None, complained_of: str | None) -> bool:
    """Whether a second person must agree: for an accusation, and for what may be one until it is screened."""
    return category == "accusation" or (category is None and bool(complained_of))


def check_decider(asked_by: str, of_head: bool, state: str, viewer: Viewer, *, stands_in: bool) -> None:
    """Whether a viewer may agree or refuse. `stands_in`: the viewer reads for the head on a delegation.

    Raises Forbidden, OutOfOrder.
    """
    if not may_decide(asked_by, of_head, viewer, stands_in=stands_in):
        raise Forbidden(NOT_TO_DECIDE)
    if state != Asked.WAITING:
        raise OutOfOrder(DECIDED)


def may_decide(asked_by: str, of_head: bool, viewer: Viewer, *, stands_in: bool) -> bool:
    """The head or who stands in; where the head asks, that deputy or a supervisor. Never who asks."""
    if viewer.post == asked_by:
        return False
    if of_head:
        return stands_in or viewer.role is Role.SUPERVISOR
    return stands_in or viewer.role is Role.HEAD


def is_good(state: str, decided_at: datetime | None, now: datetime) -> bool:
    """Whether an agreement still opens."""
    return state == Asked.AGREED and decided_at is not None and now - decided_at < OPENS_FOR
