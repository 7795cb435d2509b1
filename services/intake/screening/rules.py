"""What may become of a petition at intake, and what each decision needs.

条例 22-23, 28-31 and 检举控告工作规则 13-17. A step that is not in TRANSITIONS is not possible.
"""

from collections.abc import Mapping
from enum import StrEnum

from shared.county import Unit
from shared.errors import N_, Forbidden, Invalid, OutOfOrder
from shared.identity.roles import Role, Viewer


class State(StrEnum):
    """Where a petition stands at intake. What assignment makes of it is in progress."""

    REGISTERED = "registered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    TRANSFERRED = "transferred"
    SEALED = "sealed"


class Step(StrEnum):
    """What a person does with it; each is kept as a Screening row."""

    ACCEPT = "accept"
    DECLINE = "decline"
    TRANSFER = "transfer"
    SEND_BACK = "send_back"  # by the agency that it was transferred to
    SEAL_AWAY = "seal_away"


TRANSITIONS: Mapping[State, Mapping[Step, State]] = {
    State.REGISTERED: {
        Step.ACCEPT: State.ACCEPTED,
        Step.DECLINE: State.DECLINED,
        Step.TRANSFER: State.TRANSFERRED,
        Step.SEAL_AWAY: State.SEALED,
    },
    State.ACCEPTED: {Step.SEAL_AWAY: State.SEALED},
    State.DECLINED: {Step.SEAL_AWAY: State.SEALED},
    State.TRANSFERRED: {Step.SEND_BACK: State.REGISTERED, Step.SEAL_AWAY: State.SEALED},
    State.SEALED: {},
}

WHY_NOT: Mapping[State, str] = {
    State.REGISTERED: N_("The petition has not been screened yet. Accept, decline or transfer it first."),
    State.ACCEPTED: N_("The petition has been accepted already and is being handled."),
    State.DECLINED: N_("The petition has been declined already. A new submission is registered anew."),
    State.TRANSFERRED: N_("The petition is with the agency that it was transferred to. Wait for its answer."),
    State.SEALED: N_("The petition has left by the sealed route."),
}

# 条例 29-31: the category decides the procedure. The first of each is taken where none is chosen.
# The procedure `petition`, with its 60 days, is only for article 31(6).
PROCEDURES_OF: Mapping[str, tuple[str, ...]] = {
    "accusation": ("discipline", "other_statutory"),
    "appeal": ("petition", "discipline", "other_statutory"),
    "suggestion": ("suggestion",),
}
# An appeal to the commission is one of a Party member or a public employee, 31(3)-(5); the police go by
# their own rules, 23 last paragraph.
APPEAL_AT: Mapping[str, str] = {"commission": "discipline", "police": "other_statutory"}


def next_state(state: str, step: Step) -> State:
    """The state after a step. Raises OutOfOrder, saying why it is not possible now."""
    now = State(state)
    try:
        return TRANSITIONS[now][step]
    except KeyError:
        raise OutOfOrder(WHY_NOT[now]) from None


def procedure_for(category: str, organ: str, chosen: str | None = None) -> str:
    """The procedure of an accepted petition: the chosen one where it is allowed, else the usual one.

    Raises Invalid for a category that is not accepted at all and a procedure that does not go with it.
    """
    allowed = PROCEDURES_OF.get(category)
    if allowed is None:
        raise Invalid(
            N_("What is out of scope is not accepted. Decline it and say where to go, or transfer it."),
            field="category",
        )
    if chosen is None:
        return APPEAL_AT.get(organ, allowed[0]) if category == "appeal" else allowed[0]
    if chosen not in allowed:
        raise Invalid(
            N_("This procedure does not go with the category (Regulation, articles 29 to 31)."),
            field="procedure",
        )
    return chosen


# A township's post: only what its own commission received, see check_screener.
SCREENERS = (Role.CLERK, Role.HEAD, Role.TOWNSHIP)


def check_screener(viewer: Viewer, organ: str, excluded: set[str]) -> None:
    """Whether a viewer may screen. Raises Forbidden.

    A township's post screens what its own commission received, 条例 28: and nobody what complains of
    their own unit.
    """
    if viewer.unit in excluded:
        raise Forbidden(
            N_("It complains of your own unit, so that you may not screen it. Hand it to the head's office.")
        )
    if viewer.role is Role.TOWNSHIP and organ != "township":
        raise Forbidden(N_("The county's petition office screens this petition."))


def check_competent(agency: Unit | None, complained_of: str | None, excluded: set[str]) -> Unit:
    """The agency that a petition is to go to. Raises Invalid where it may not.

    条例 30, 检举控告工作规则 47: never to whoever is complained of.
    """
    if agency is None or agency.kind != "agency":
        raise Invalid(
            N_("There is no such agency. Choose one from the county's list of units."), field="to_agency"
        )
    # 县公安局 is complained of also where it is written as 公安局.
    named = agency.name.removeprefix("县") in (complained_of or "")
    if named or agency.code in excluded:
        raise Invalid(
            N_("The petition complains of this agency: it must not learn of it (Regulation, article 30)."),
            field="to_agency",
        )
    return agency
