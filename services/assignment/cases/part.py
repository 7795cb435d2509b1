"""Assignment's part of the page of a petition: the case with its plan, record, closings and next steps."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from services.assignment.cases import queries
from services.assignment.cases.models import Case
from services.assignment.cases.rules import State, Step, what_next
from services.assignment.cases.steps import open_to
from services.assignment.cases.whole import whole_case
from services.assignment.closing import rules as closing
from services.assignment.closing.commands import CHECKS
from services.assignment.closing.queries import closings_of, rounds_to_reply
from services.assignment.duties.queries import running
from services.assignment.handling.queries import met_petitioner
from services.assignment.plan import form as plan_form
from shared.identity.roles import Role, Viewer
from shared.runtime.service import PetitionPart
from shared.web.access import current_viewer
from shared.web.forms import Form, step
from shared.web.parts import petition_page, petition_url
from shared.web.request import current_session

FORM_STEPS = {  # the form of a step: what allows it
    "plan": "plan",
    "record": "record",
    "closing": "propose",
    "check": "check",
    "reply": "reply",
    "reopening": "reopen",
    "recusal": "recuse",
    "receipt": "receipt",
}
TEXTS = ("text", "duty", "quality", "conclusion", "why_not_met", "reasons", "reason")
SEES_REASONS = (Role.HEAD, Role.SUPERVISOR)  # why somebody recused themselves


def petition_part(petition_id: UUID, forms: Mapping[str, Form]) -> PetitionPart:
    """The case of a petition as its viewer may see it. Raises NotFound where they may not."""
    session, viewer = current_session(), current_viewer()
    case = queries.case_about(session, viewer, petition_id)
    shown = whole_case(session, case)
    posts = plan_form.posts(session, case)
    planned = plan_form.shown(shown["plans"], case.round, posts, viewer, forms["plan"])
    can = possible(session, case, viewer)
    html = render_template(
        "assignment/case.html",
        case=shown,
        rounds=_rounds(shown),
        duties=running(session, petition_id),
        what_next=what_next(State(case.state), case.next_duty),
        recusals=queries.recusals(session, case) if viewer.role in SEES_REASONS else (),
        can=can,
        lost=[(form, _texts(form)) for name, form in forms.items() if form.problem and not can.shows(name)],
        forms=forms,
        plan_form=planned,
        posts=posts,
    )
    return PetitionPart(number=case.number, main=html)


@dataclass(frozen=True)
class Possible:
    """Which steps a viewer may take now; `not_*` say why one that is near may not."""

    plan: bool
    record: bool
    propose: bool
    not_propose: str | None
    why_not_met: bool
    check: int | None  # the level
    not_check: str | None
    reply: list[int]  # the rounds
    reopen: bool
    recuse: bool
    receipt: bool

    def shows(self, form: str) -> bool:
        """Whether the form of a step is on the page."""
        return bool(getattr(self, FORM_STEPS[form]))


def possible(session: Session, case: Case, viewer: Viewer) -> Possible:
    """The steps for a viewer, by the rules that the steps themselves ask."""
    steps = open_to(session, case, viewer)
    proposing = Step.PROPOSE in steps
    unmet = proposing and not met_petitioner(session, case)
    anonymous = case.signature == "anonymous"
    checking = bool(steps & {*CHECKS})
    why_not = _why_not_to_check(session, case, viewer) if checking else None
    level = closing.FIRST if case.state == State.PROPOSED else closing.SECOND
    return Possible(
        plan=Step.FIX_PLAN in steps,
        record=Step.RECORD in steps,
        propose=proposing and (anonymous or not unmet),
        not_propose=closing.NOT_MET if unmet and not anonymous else None,
        why_not_met=unmet and anonymous,
        check=level if checking and not why_not else None,
        not_check=why_not,
        reply=rounds_to_reply(session, case) if Step.REPLY in steps else [],
        reopen=Step.REOPEN in steps,
        recuse=Step.RECUSE in steps,
        receipt=Step.SIGN_RECEIPT in steps and queries.is_receipt_due(session, case),
    )


def _why_not_to_check(session: Session, case: Case, viewer: Viewer) -> str | None:
    last = closings_of(session, case)[-1]
    checked_by = {check.by for check in last.checks}
    return closing.why_not_to_check(viewer.post, proposed_by=last.by, checked_by=checked_by)


def case_step(
    case_id: UUID, name: str, act: Callable[[], Case], *, say: str, anchor: str = "case"
) -> ResponseReturnValue:
    """A step from the petition's page and back to it; `name` is its form's."""
    return step(
        act,
        again=lambda form: petition_page(_petition_of(case_id), {name: form}),
        then=lambda case: f"{petition_url(case.petition_id)}#{anchor}",
        say=say,
    )


def _texts(form: Form) -> list[str]:
    """What was written into a form whose step is not possible any more, so that it is not lost."""
    return [text for name, text in form.values.items() if name.rpartition(".")[2] in TEXTS and text.strip()]


def _petition_of(case_id: UUID) -> UUID:
    return queries.case_for(current_session(), current_viewer(), case_id).petition_id


def _rounds(case: dict[str, Any]) -> list[dict[str, Any]]:
    """What belongs to each round of handling, the newest round and in it the newest first."""

    def of(name: str, number: int) -> list[Any]:
        return [row for row in reversed(case[name]) if row.round == number]

    names = ("handling", "closings", "replies", "ratings")
    return [
        {"number": number} | {name: of(name, number) for name in names}
        for number in range(case["round"], 0, -1)
    ]
