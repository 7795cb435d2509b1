"""The form of a plan: what is filled in from the start, and who may be chosen for the team."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from services.assignment.cases.models import Case
from services.assignment.plan.models import Plan
from services.assignment.plan.queries import circumstances
from services.assignment.plan.rules import why_not_a_member
from shared.county import township_unit
from shared.identity.roles import Role, Viewer
from shared.web.forms import Form, without_blank_rows


def posts(session: Session, case: Case) -> list[str]:
    """The posts that may be in the team, those of the units that have the case first."""
    now = circumstances(session, case)
    units = [case.office, case.team, case.leader, township_unit(case.township)]
    place = {unit: number for number, unit in enumerate(units)}
    free = [post for post in now.units if why_not_a_member(post, now) is None]
    return sorted(free, key=lambda post: (place.get(now.units[post], len(units)), post))


def shown(plans: Sequence[Plan], this_round: int, may: Sequence[str], viewer: Viewer, typed: Form) -> Form:
    """What the form shows: what was typed, else the plan of this round, else what is likely.

    may: the posts that may be in the team.
    """
    of_round = [plan for plan in plans if plan.round == this_round]
    known = _known(of_round[-1]) if of_round else {}
    if typed.problem:
        return replace(without_blank_rows(typed, "members"), current=known)
    values = {name: value for name, value in known.items() if not name.endswith(".post") or value in may}
    values.setdefault("members.0.post", _likely(may, viewer))
    return replace(typed, values=values)


def _likely(may: Sequence[str], viewer: Viewer) -> str:
    """Who is likely to be responsible: the office's post that fixes the plan, else the first in the list."""
    own = viewer.role is Role.OFFICE and viewer.post in may
    return viewer.post if own else next(iter(may), "")


def _known(plan: Plan) -> dict[str, Any]:
    """A plan's values by the names of the form's fields, who is responsible in front."""
    values: dict[str, Any] = {"due_on": plan.due_on.isoformat(), "quality": plan.quality}
    for place, member in enumerate(sorted(plan.members, key=lambda m: not m.responsible)):
        values |= {f"members.{place}.post": member.post, f"members.{place}.duty": member.duty}
    return values
