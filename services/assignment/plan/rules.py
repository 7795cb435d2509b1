"""When the five of a five-fixed plan (五定) are all there and may stand (M9).

条例 34: a matter under article 31(6) is done by the last day of its clock, which supervision keeps;
条例 28 ¶3: who is excluded takes no part.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date

from shared.calendar import is_working_day
from shared.errors import N_, Invalid

BY_LAW_IN_TIME = "petition"  # the procedure whose handling has a term of law


@dataclass(frozen=True)
class Member:
    """A post in the team: its duty, and whether it is the one responsible."""

    post: str
    duty: str
    responsible: bool = False


@dataclass(frozen=True)
class NewPlan:
    """A plan as it is to be fixed; the fifth, the leader, comes from the case."""

    due_on: date
    quality: str
    members: Sequence[Member]
    reason: str | None = None


@dataclass(frozen=True)
class Circumstances:
    """What a plan is checked against.

    last_day: of supervision's handling clock, None where none runs by law. units: of the posts that may be
    members. handled_before: posts that handled an earlier round.
    """

    today: date
    last_day: date | None
    units: dict[str, str]
    excluded: Collection[str] = frozenset()
    handled_before: Collection[str] = frozenset()
    is_change: bool = False
    barred_units: Collection[str] = field(default=frozenset())


def check_plan(plan: NewPlan, now: Circumstances) -> None:
    """Raises Invalid naming every field that is wrong."""
    wrong = {**_day(plan.due_on, now), **_team(plan.members, now)}
    if not plan.quality.strip():
        wrong["quality"] = N_("Say what counts as resolved.")
    if now.is_change and not (plan.reason or "").strip():
        wrong["reason"] = N_("Say why the plan is changed.")
    if wrong:
        fields = {name: [message] for name, message in wrong.items()}
        raise Invalid(N_("Mend the fields that are named and send it again."), fields=fields)


def _day(due_on: date, now: Circumstances) -> dict[str, str]:
    if due_on < now.today:
        return {"due_on": N_("This day has passed. Give the day by which it is to be done.")}
    if now.last_day and due_on > now.last_day:
        return {
            "due_on": N_(
                "After the last day that the law leaves for handling (Regulation, article 34). "
                "Choose an earlier one."
            )
        }
    if not is_working_day(due_on):
        return {"due_on": N_("Nobody works on this day. Choose a working day.")}
    return {}


def _team(members: Sequence[Member], now: Circumstances) -> dict[str, str]:
    wrong: dict[str, str] = {}
    posts = [member.post for member in members]
    if sum(member.responsible for member in members) != 1:
        wrong["members"] = N_("Exactly one member is responsible. Mark one.")
    elif len(set(posts)) < len(posts):
        wrong["members"] = N_("A post is named twice. Keep one.")
    for place, member in enumerate(members):
        if message := why_not_a_member(member.post, now):
            wrong[f"members.{place}.post"] = message
        if not member.duty.strip():
            wrong[f"members.{place}.duty"] = N_("Say what this member is to do.")
    return wrong


def why_not_a_member(post: str, now: Circumstances) -> str | None:
    """Why a post may not be in the team, None where it may."""
    unit = now.units.get(post)
    if unit is None or unit in now.excluded:  # alike: who is excluded is not told by this
        return N_("This post cannot be a member. Choose another.")
    if post in now.handled_before or unit in now.barred_units:
        return N_("This post handled an earlier round. Choose one that has not (re-review).")
    return None
