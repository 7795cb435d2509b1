"""The states of a case and the steps between them, and who takes a seat when the roster's own may not.

条例 18 ¶2 (包案), 28 ¶3 (回避), 30 ¶3 (nothing of an accusation reaches those it is about).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from shared.errors import N_, OutOfOrder
from shared.identity.roles import Role


class State(StrEnum):
    OPEN = "open"  # routed, no plan in force
    HANDLING = "handling"
    PROPOSED = "proposed"
    CHECKED = "checked"  # the first level passed it
    CLOSED = "closed"


class Step(StrEnum):
    FIX_PLAN = "plan_fixed"
    RECORD = "handling_recorded"
    PROPOSE = "closing_proposed"
    FIRST_PASSED = "first_check_passed"
    SECOND_PASSED = "second_check_passed"
    FIRST_SENT_BACK = "sent_back_by_first"
    SECOND_SENT_BACK = "sent_back_by_second"
    REPLY = "reply_given"
    REOPEN = "reopened"
    RECUSE = "recused"
    NEW_SEATS = "new_seats"  # the plan no longer stands
    HAND_OVER = "handed_over"  # the plan stands
    SIGN_RECEIPT = "receipt_signed"


UNFINISHED = (State.OPEN, State.HANDLING, State.PROPOSED, State.CHECKED)


def _stay(*states: State) -> dict[State, State]:
    return {state: state for state in states}


TRANSITIONS: Mapping[Step, Mapping[State, State]] = {
    Step.FIX_PLAN: dict.fromkeys((State.OPEN, State.HANDLING), State.HANDLING),
    Step.RECORD: _stay(State.HANDLING),
    Step.PROPOSE: {State.HANDLING: State.PROPOSED},
    Step.FIRST_PASSED: {State.PROPOSED: State.CHECKED},
    Step.SECOND_PASSED: {State.CHECKED: State.CLOSED},
    Step.FIRST_SENT_BACK: {State.PROPOSED: State.HANDLING},
    Step.SECOND_SENT_BACK: {State.CHECKED: State.HANDLING},
    Step.REPLY: _stay(*State),  # which rounds may be replied to: closing/rules.py
    Step.REOPEN: {State.CLOSED: State.OPEN},
    Step.RECUSE: _stay(*UNFINISHED),
    Step.NEW_SEATS: dict.fromkeys(UNFINISHED, State.OPEN),
    Step.HAND_OVER: _stay(*UNFINISHED),
    Step.SIGN_RECEIPT: _stay(*UNFINISHED),
}

WHAT_NOW: Mapping[State, str] = {
    State.OPEN: N_("The case has no plan in force. Fix the five-fixed plan first."),
    State.HANDLING: N_("The case is being handled. What comes next is an entry in its record or a closing."),
    State.PROPOSED: N_("Its closing is proposed. The first check comes next: pass it or send it back."),
    State.CHECKED: N_("The first check is passed. The leader's check comes next: pass it or send it back."),
    State.CLOSED: N_("The case is closed. What may follow is the reply, or handling again in a new round."),
}


WHAT_NEXT: Mapping[State, str] = {  # as a line of a desk says it
    State.OPEN: N_("Fix the five-fixed plan"),
    State.HANDLING: N_("Handle it, then propose the closing"),
    State.PROPOSED: N_("Make the first check"),
    State.CHECKED: N_("Leader: make the second check"),
}
REPLY_NEXT = N_("Tell the petitioner the result")


def what_next(state: State, next_duty: str | None) -> str | None:
    """What is to be done next in a case, as a msgid; None where nothing is."""
    if state == State.CLOSED:
        return REPLY_NEXT if next_duty == "reply" else None
    return WHAT_NEXT[state]


def after(state: State, step: Step) -> State:
    """The state after a step. Raises OutOfOrder that says what comes next instead."""
    try:
        return TRANSITIONS[step][state]
    except KeyError:
        raise OutOfOrder(WHAT_NOW[state]) from None


class Seat(StrEnum):
    """In what capacity a post acts in a case."""

    LEADER = "leader"  # in charge of it, or standing in for the leader who is
    OFFICE = "office"
    TEAM = "team"
    MEMBER = "member"  # named in the plan in force
    TRIAL = "trial"  # of the trial office, which checks what others propose
    REGISTRY = "registry"  # a clerk of the petition office
    HEAD = "head"  # of the commission


ROUTED = (Seat.LEADER, Seat.OFFICE, Seat.TEAM)
TAKING_PART = (*ROUTED, Seat.MEMBER)

STEP_SEATS: Mapping[Step, Collection[Seat]] = {  # what is not named here happens by rule
    Step.FIX_PLAN: (Seat.LEADER, Seat.OFFICE),
    Step.RECORD: TAKING_PART,
    Step.PROPOSE: (Seat.OFFICE,),
    **dict.fromkeys((Step.FIRST_PASSED, Step.FIRST_SENT_BACK), (Seat.OFFICE, Seat.TRIAL)),
    **dict.fromkeys((Step.SECOND_PASSED, Step.SECOND_SENT_BACK), (Seat.LEADER,)),
    Step.REPLY: (*ROUTED, Seat.REGISTRY),
    Step.REOPEN: (Seat.HEAD,),
    Step.RECUSE: TAKING_PART,
    Step.SIGN_RECEIPT: (Seat.LEADER, Seat.OFFICE),
}

MAY_BE_MEMBERS = (Role.LEADER, Role.OFFICE, Role.TEAM, Role.TOWNSHIP)

SEAT_ROLES: Mapping[Seat, Collection[Role]] = {  # whose posts can hold it
    Seat.LEADER: (Role.LEADER,),
    Seat.OFFICE: (Role.OFFICE,),
    Seat.TEAM: (Role.TEAM,),
    Seat.MEMBER: MAY_BE_MEMBERS,
    Seat.TRIAL: (Role.OFFICE,),
    Seat.REGISTRY: (Role.CLERK,),
    Seat.HEAD: (Role.HEAD,),
}


def roles_for(*steps: Step) -> frozenset[Role]:
    """The roles whose posts may take one of some steps, where they have the seat for it."""
    return frozenset(role for step in steps for seat in STEP_SEATS[step] for role in SEAT_ROLES[seat])


def steps_open(state: State, held: Collection[Seat]) -> frozenset[Step]:
    """The steps that somebody with these seats may take in this state."""
    return frozenset(
        step for step, seats in STEP_SEATS.items() if state in TRANSITIONS[step] and set(seats) & set(held)
    )


NOBODY_LEFT: Mapping[Seat, str] = {
    Seat.LEADER: N_("Nobody is left who may lead this case. Ask the organ above to name a leader."),
    Seat.OFFICE: N_("Nobody is left who may handle this case. Ask the organ above to name an office."),
    Seat.TEAM: N_("Nobody is left who may cooperate in this case. Ask the organ above to name a team."),
}


@dataclass(frozen=True)
class Candidates:
    """Units that could take a seat: those of the same collaboration zone and all, with their open cases."""

    near: Collection[str]
    everywhere: Mapping[str, int]


def choose(wanted: str, current: str | None, barred: Collection[str], candidates: Candidates) -> str | None:
    """Who takes a seat (M8): the roster's own, else who has it now, else somebody near, else anybody.

    Among several the one with the fewest open cases, then the first by code. `barred`: those who are
    excluded or have handled an earlier round. None where nobody is left.
    """
    for first in (wanted, current):
        if first and first not in barred:
            return first
    free = {unit: count for unit, count in candidates.everywhere.items() if unit not in barred}
    near = {unit: count for unit, count in free.items() if unit in candidates.near}
    return min(near or free, key=lambda unit: (free[unit], unit), default=None)


def check_reroute(seats: Mapping[Seat, str | None]) -> dict[Seat, str]:
    """The seats, all taken. Raises OutOfOrder naming the one that nobody is left for."""
    empty: Sequence[Seat] = [seat for seat, unit in seats.items() if unit is None]
    if empty:
        raise OutOfOrder(NOBODY_LEFT[empty[0]])
    return {seat: unit for seat, unit in seats.items() if unit}
