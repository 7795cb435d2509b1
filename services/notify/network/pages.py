"""Extracts on pages: list, draft, one with its steps, and their part on a desk and a petition's page."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_date
from flask_babel import gettext as _

from services.notify.network import commands, queries, rules, schemas
from services.notify.network.models import Extract, Matter
from shared import clock
from shared.calendar import after_working_days
from shared.errors import N_, NotFound
from shared.identity.recusal import excluded_units
from shared.identity.roles import Role
from shared.identity.scopes import EXTRACTS, SHARING
from shared.runtime.service import PetitionPart
from shared.web.access import access, current_viewer, within
from shared.web.forms import Form, read_form, step
from shared.web.names import choices, class_name, county, label, labels, township_name, unit_name
from shared.web.paging import chosen_by, page
from shared.web.parts import StepForms, petition_url
from shared.web.request import current_session
from shared.web.versions import StepSchema

ON_DESK = 5
pages = Blueprint("network", __name__, url_prefix="/network")


@pages.get("")
@access(*queries.READERS)
@within(EXTRACTS)
def listing() -> ResponseReturnValue:
    viewer, arguments = current_viewer(), chosen_by(schemas.ExtractArguments())
    found = page(
        current_session(),
        queries.extracts_for(viewer, arguments),
        Extract.list_key,
        arguments,
        newest_first=True,
    )
    is_agency = viewer.role is Role.LIAISON
    return render_template(
        "notify/network.html",
        title=_("Information network"),
        found=found,
        chosen={name: value for name, value in arguments.items() if name not in ("after", "limit")},
        agencies=[] if is_agency else choices(county().units_of("agency")),
        states=labels("extract_state", rules.WITH_AGENCY if is_agency else rules.STATES),
    )


@pages.get("/of/<uuid:petition_id>/new")
@access(*queries.WRITERS)
@within(SHARING)
def new(petition_id: UUID) -> ResponseReturnValue:
    return new_page(petition_id)


@pages.post("/of/<uuid:petition_id>/new")
@access(*queries.WRITERS)
@within(SHARING)
def draft(petition_id: UUID) -> ResponseReturnValue:
    return step(
        lambda: commands.draft(
            current_session(), petition_id, by=current_viewer(), **read_form(schemas.ExtractIn)
        ),
        again=lambda form: new_page(petition_id, form),
        then=_address,
        say=_("The extract is drafted. The leader in charge or the head issues it."),
    )


@pages.get("/<uuid:extract_id>")
@access(*queries.READERS)
@within(EXTRACTS)
def read(extract_id: UUID) -> ResponseReturnValue:
    return extract_page(extract_id)


@pages.post("/<uuid:extract_id>/discard")
@access(*queries.WRITERS)
@within(EXTRACTS)
def discard(extract_id: UUID) -> ResponseReturnValue:
    return step(
        lambda: commands.discard(current_session(), extract_id, by=current_viewer(), **read_form(StepSchema)),
        again=lambda form: extract_page(extract_id, {"discard": form}),
        then=lambda _done: url_for("network.listing"),
        say=_("The draft is thrown away."),
    )


@pages.post("/<uuid:extract_id>/issue")
@access(*queries.ISSUERS)
@within(EXTRACTS)
def issue(extract_id: UUID) -> ResponseReturnValue:
    return step(
        lambda: commands.issue(current_session(), extract_id, by=current_viewer(), **read_form(StepSchema)),
        again=lambda form: extract_page(extract_id, {"issue": form}),
        then=_address,
        say=_("The extract is issued, and the agency is told."),
    )


@pages.post("/<uuid:extract_id>/receipt")
@access(Role.LIAISON)
@within(EXTRACTS)
def confirm(extract_id: UUID) -> ResponseReturnValue:
    return step(
        lambda: commands.confirm_read(
            current_session(), extract_id, by=current_viewer(), **read_form(StepSchema)
        ),
        again=lambda form: extract_page(extract_id, {"read": form}),
        then=_address,
        say=_("Your receipt is on file."),
    )


@pages.post("/<uuid:extract_id>/answer")
@access(Role.LIAISON)
@within(EXTRACTS)
def answer(extract_id: UUID) -> ResponseReturnValue:
    return step(
        lambda: commands.answer(
            current_session(), extract_id, by=current_viewer(), **read_form(schemas.AnswerIn)
        ),
        again=lambda form: extract_page(extract_id, {"answer": form}),
        then=_address,
        say=_("Your answer is on file, and those in charge are told."),
    )


@pages.post("/<uuid:extract_id>/recall")
@access(*queries.ISSUERS)
@within(EXTRACTS)
def recall(extract_id: UUID) -> ResponseReturnValue:
    return step(
        lambda: commands.recall(
            current_session(), extract_id, by=current_viewer(), **read_form(schemas.RecallIn)
        ),
        again=lambda form: extract_page(extract_id, {"recall": form}),
        then=_address,
        say=_("The extract is recalled. What it said is gone."),
    )


def new_page(petition_id: UUID, form: Form | None = None) -> str:
    """The form of a new extract. Raises NotFound."""
    session, viewer = current_session(), current_viewer()
    matter = queries.matter_for(session, viewer, petition_id)
    excluded = excluded_units(session, petition_id)
    today = clock.today()
    known = {
        "answer_by": after_working_days(today, rules.DAYS_TO_ANSWER).due_on.isoformat(),
        "expires_on": (today + timedelta(days=rules.DAYS_KEPT)).isoformat(),
    }
    return render_template(
        "notify/new_extract.html",
        title=_("Share with an agency"),
        matter=matter,
        agencies=choices(u for u in county().units_of("agency") if u.code not in excluded),
        purposes=_purposes(matter),
        bases=labels("extract_basis", rules.BASES),
        parts=labels("extract_part", rules.PARTS),
        form=form or Form(values=known),
    )


def extract_page(extract_id: UUID, forms: dict[str, Form] | None = None) -> str:
    """An extract with the steps that its state and the viewer's role allow."""
    viewer = current_viewer()
    extract = queries.extract_for(current_session(), viewer, extract_id)
    is_agency = viewer.role is Role.LIAISON
    issues = viewer.role in queries.ISSUERS
    return render_template(
        "notify/extract.html",
        title=_("Extract of %(number)s", number=extract.number),
        extract=extract,
        content=[(label(name, "extract_part"), _shown(name, value)) for name, value in _content(extract)],
        chosen=[label(name, "extract_part") for name in extract.parts],
        forms=StepForms(forms or {}),
        petition=None if is_agency else petition_url(extract.petition_id),
        may_confirm=is_agency and extract.state == rules.ISSUED,
        may_answer=is_agency and extract.state == rules.READ,
        may_issue=issues and extract.state == rules.DRAFT,
        may_discard=viewer.role in queries.WRITERS and extract.state == rules.DRAFT,
        may_recall=issues and extract.state in rules.WITH_AGENCY,
        recall_reasons=labels("extract_end", rules.BY_HAND),
        results=labels("extract_result", rules.RESULTS),
    )


def desk_card() -> str:
    """What waits for the viewer: extracts to be read and answered, or drafts to be issued."""
    viewer = current_viewer()
    if viewer.role not in (Role.LIAISON, *queries.ISSUERS):
        return ""
    waiting = current_session().scalars(queries.due_for(viewer).limit(ON_DESK)).all()
    if not waiting:
        return ""
    drafts = viewer.role is not Role.LIAISON
    return render_template("notify/network_card.html", waiting=waiting, drafts=drafts)


def petition_part(petition_id: UUID) -> PetitionPart:
    """Which agencies were told of a petition, on which basis and what came of it. Raises NotFound."""
    session, viewer = current_session(), current_viewer()
    matter = queries.sees_matter(session, viewer, petition_id)
    if matter is None:
        raise NotFound(N_("There is no such petition, or it is not yours to see."))
    shared = queries.extracts_for(viewer, {"petition_id": petition_id}).order_by(Extract.list_key.desc())
    main = render_template(
        "notify/petition_part.html",
        matter=matter,
        extracts=session.scalars(shared).all(),
        may_share=viewer.role in queries.WRITERS,
    )
    return PetitionPart(matter.number, main)


def _address(extract: Extract) -> str:
    return url_for("network.read", extract_id=extract.id)


def _purposes(matter: Matter) -> list[tuple[str, str]]:
    accusation = matter.category == "accusation"
    fit = [code for code, p in rules.PURPOSES.items() if p.for_accusations or not accusation]
    return labels("extract_purpose", fit)


def _content(extract: Extract) -> list[tuple[str, Any]]:
    found = extract.content or {}
    return [(name, found[name]) for name in rules.PARTS if found.get(name)]


def _shown(name: str, value: str) -> str:
    """A part of the matter as it is read."""
    if name == "township":
        return township_name(value)
    if name == "in_charge":
        return unit_name(value)
    if name == "received_on":
        return str(format_date(date.fromisoformat(value), "medium"))
    if name == "content_class":
        return class_name(value)
    return label(value, name)
