"""Supervision letters on pages: the list, a new one from what is late, issue, answer, download."""

from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_date
from flask_babel import gettext as _

from services.supervision.clocks.models import Clock
from services.supervision.clocks.rules import READERS
from services.supervision.letters import commands, queries, schemas
from services.supervision.letters.api import county_here, word_file
from services.supervision.letters.models import Letter
from services.supervision.letters.rules import DAYS_TO_ANSWER, DRAFT, ISSUED, MOST, late_since
from shared import clock
from shared.calendar import after_working_days
from shared.identity.roles import SEES_ALL, Role
from shared.identity.scopes import LETTERS
from shared.web.access import access, current_viewer, within
from shared.web.forms import Form, read_form, step
from shared.web.names import choices, county, label
from shared.web.paging import chosen_by, page
from shared.web.parts import StepForms
from shared.web.request import current_session
from shared.web.versions import StepSchema

pages = Blueprint("letters", __name__, url_prefix="/letters")


@pages.get("")
@access(*READERS)
@within(LETTERS)
def listing() -> ResponseReturnValue:
    viewer, arguments = current_viewer(), chosen_by(schemas.LetterArguments())
    statement = queries.letters_for(viewer, arguments)
    return render_template(
        "supervision/letters.html",
        title=_("Supervision letters"),
        found=page(current_session(), statement, Letter.list_key, arguments, newest_first=True),
        chosen={name: value for name, value in arguments.items() if name not in ("after", "limit")},
        units=choices(county().units) if viewer.role in SEES_ALL else [],
    )


@pages.get("/new")
@access(Role.SUPERVISOR)
@within(LETTERS)
def new() -> ResponseReturnValue:
    return new_page(request.args.get("unit", ""))


@pages.post("/new")
@access(Role.SUPERVISOR)
@within(LETTERS)
def draft() -> ResponseReturnValue:
    return step(
        lambda: commands.draft(
            current_session(), county=county_here(), by=current_viewer(), **read_form(schemas.LetterIn)
        ),
        again=lambda form: new_page(str(form.value("addressee")), form),
        then=_address,
        say=_("The letter is drafted. Read it, then issue it."),
    )


@pages.get("/<uuid:letter_id>")
@access(*READERS)
@within(LETTERS)
def read(letter_id: UUID) -> ResponseReturnValue:
    return letter_page(letter_id)


@pages.post("/<uuid:letter_id>/change")
@access(Role.SUPERVISOR)
@within(LETTERS)
def change(letter_id: UUID) -> ResponseReturnValue:
    return step(
        lambda: commands.change(
            current_session(), letter_id, by=current_viewer(), **read_form(schemas.LetterChange)
        ),
        again=lambda form: letter_page(letter_id, {"change": form}),
        then=_address,
        say=_("The draft is changed."),
    )


@pages.post("/<uuid:letter_id>/discard")
@access(Role.SUPERVISOR)
@within(LETTERS)
def discard(letter_id: UUID) -> ResponseReturnValue:
    return step(
        lambda: commands.discard(current_session(), letter_id, by=current_viewer(), **read_form(StepSchema)),
        again=lambda form: letter_page(letter_id, {"discard": form}),
        then=lambda _done: url_for("letters.listing"),
        say=_("The draft is thrown away."),
    )


@pages.post("/<uuid:letter_id>/issue")
@access(Role.SUPERVISOR)
@within(LETTERS)
def issue(letter_id: UUID) -> ResponseReturnValue:
    return step(
        lambda: commands.issue(
            current_session(),
            letter_id,
            county=county_here(),
            by=current_viewer(),
            **read_form(StepSchema),
        ),
        again=lambda form: letter_page(letter_id, {"issue": form}),
        then=_address,
        say=_("The letter is issued, and its unit is told."),
    )


@pages.post("/<uuid:letter_id>/reply")
@access(Role.SUPERVISOR)
@within(LETTERS)
def reply(letter_id: UUID) -> ResponseReturnValue:
    return step(
        lambda: commands.note_reply(
            current_session(), letter_id, by=current_viewer(), **read_form(schemas.ReplyIn)
        ),
        again=lambda form: letter_page(letter_id, {"reply": form}),
        then=_address,
        say=_("The answer is on file."),
    )


@pages.get("/<uuid:letter_id>/file")
@access(*READERS)
@within(LETTERS)
def file(letter_id: UUID) -> ResponseReturnValue:
    return word_file(letter_id)


def new_page(unit: str, form: Form | None = None) -> str:
    """First the unit, then what is late with it: the longest overdue chosen, as many as a letter may list."""
    session, viewer = current_session(), current_viewer()
    late = queries.late_with(session, viewer, unit) if unit else []
    known = {
        "addressee": unit,
        "clock_ids": [str(each.id) for each in late[:MOST]],
        "reply_by": after_working_days(clock.today(), DAYS_TO_ANSWER).due_on.isoformat(),
    }
    return render_template(
        "supervision/new_letter.html",
        title=_("New supervision letter"),
        unit=unit,
        units=queries.late_units(session, viewer),
        options=_options(late),
        form=form or Form(values=known),
    )


def _late_for(letter: Letter, listed: set[UUID]) -> list[Clock]:
    """What a draft may list: what it lists and is late still, then what else is late with the unit."""
    session, viewer = current_session(), current_viewer()
    own = queries.late_with(session, viewer, letter.addressee, among=listed)
    others = queries.late_with(session, viewer, letter.addressee)
    return [*own, *(each for each in others if each.id not in listed)]


def letter_page(letter_id: UUID, forms: dict[str, Form] | None = None) -> str:
    """A letter with the steps that its state and the viewer's role allow."""
    session, viewer = current_session(), current_viewer()
    letter = queries.letter_for(session, viewer, letter_id)
    writes = viewer.role is Role.SUPERVISOR
    listed = {item.clock_id for item in letter.items}
    late = _late_for(letter, listed) if writes and letter.state == DRAFT else []
    known: dict[str, Any] = {
        "clock_ids": [str(item.clock_id) for item in letter.items],
        "reply_by": letter.reply_by.isoformat(),
        "demand": letter.demand,
    }
    typed = StepForms({"change": Form(values=known)} | (forms or {}))
    return render_template(
        "supervision/letter.html",
        title=_("Supervision letter") if letter.number else _("Draft of a supervision letter"),
        letter=letter,
        forms=typed,
        options=_options(late),
        late_since=late_since,
        gone=len(listed - {each.id for each in late}),
        may_change=writes and letter.state == DRAFT,
        may_answer=writes and letter.state == ISSUED,
    )


def _address(letter: Letter) -> str:
    return url_for("letters.read", letter_id=letter.id)


def _options(late: Any) -> list[tuple[str, str]]:
    """What is late, each in a line: number, duty, since when."""
    return [
        (
            str(each.id),
            _(
                "%(number)s · %(duty)s · last day %(day)s",
                number=each.number,
                duty=label(each.duty, "duty"),
                day=format_date(each.due_on, "medium"),
            ),
        )
        for each in late
    ]
