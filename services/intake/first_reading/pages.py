"""The head's reading: the list, one petition after the other by keyboard, and the delegations."""

from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from services.intake.attachments.queries import attachments_on
from services.intake.first_reading import queries, schemas, views
from services.intake.first_reading.api import READERS
from services.intake.first_reading.rules import ADDRESSEES, LONGEST_DELEGATION_DAYS
from services.intake.progress.models import Progress
from services.intake.registration.models import Petition
from shared import clock
from shared.identity.recusal import excluded_units
from shared.identity.roles import Role
from shared.identity.scopes import READING
from shared.web.access import access, current_viewer, within
from shared.web.forms import Form, read_form, step
from shared.web.names import choices, county
from shared.web.paging import PageArguments, page
from shared.web.parts import StepForms, petition_page, petition_url
from shared.web.request import current_instance, current_session
from shared.web.versions import StepSchema

pages = Blueprint("reading", __name__)


@pages.get("/reading")
@access(*READERS)
@within(READING)
def listing() -> ResponseReturnValue:
    reader = queries.reader_of(current_session(), current_viewer())
    arguments = {"after": _place(), "limit": 50}
    found = page(current_session(), queries.to_be_read(reader), Petition.reading_key, arguments)
    waiting = queries.count_to_read(current_session(), reader)
    return render_template("intake/reading/list.html", title=_("First reading"), found=found, waiting=waiting)


@pages.get("/reading/next")
@access(*READERS)
@within(READING)
def next_one() -> ResponseReturnValue:
    """What waits next; past the end, the list."""
    reader = queries.reader_of(current_session(), current_viewer())
    found = queries.next_to_read(current_session(), reader, _place())
    return _reading_page(found.id, Form()) if found else redirect(url_for("reading.listing"), 303)


@pages.get("/reading/<uuid:petition_id>")
@access(*READERS)
@within(READING)
def one(petition_id: UUID) -> ResponseReturnValue:
    return _reading_page(petition_id, Form())


@pages.post("/reading/<uuid:petition_id>/read")
@access(*READERS)
@within(READING)
def read(petition_id: UUID) -> ResponseReturnValue:
    """Sign that it was read, and go on."""
    return step(
        lambda: views.mark_read(petition_id),
        again=lambda form: _reading_page(petition_id, form),
        then=lambda _reading: _next_after(petition_id),
    )


@pages.post("/reading/<uuid:petition_id>/instruction")
@access(*READERS)
@within(READING)
def sign(petition_id: UUID) -> ResponseReturnValue:
    """Sign an instruction, and go on."""
    return step(
        lambda: views.sign(petition_id, read_form(schemas.InstructionIn)),
        again=lambda form: _reading_page(petition_id, form),
        then=lambda _signed: _next_after(petition_id),
        say=_("The instruction is signed."),
    )


@pages.post("/petitions/<uuid:petition_id>/read")
@access(*READERS)
@within(READING)
def read_on_page(petition_id: UUID) -> ResponseReturnValue:
    return step(
        lambda: views.mark_read(petition_id),
        again=lambda form: petition_page(petition_id, {"read": form}),
        then=lambda _reading: petition_url(petition_id),
        say=_("Signed as read."),
    )


@pages.post("/petitions/<uuid:petition_id>/instruction")
@access(*READERS)
@within(READING)
def sign_on_page(petition_id: UUID) -> ResponseReturnValue:
    return step(
        lambda: views.sign(petition_id, read_form(schemas.InstructionIn)),
        again=lambda form: petition_page(petition_id, {"instruction": form}),
        then=lambda _signed: petition_url(petition_id),
        say=_("The instruction is signed."),
    )


@pages.get("/delegations")
@access(Role.HEAD, Role.LEADER, Role.SUPERVISOR)
def delegations() -> ResponseReturnValue:
    return _delegations_page({})


@pages.post("/delegations")
@access(Role.HEAD)
def delegate() -> ResponseReturnValue:
    return step(
        lambda: views.delegate(read_form(schemas.DelegationIn)),
        again=lambda form: _delegations_page({"delegate": form}),
        then=lambda _given: url_for("reading.delegations"),
        say=_("Given: on these days the deputy reads and signs for you."),
    )


@pages.post("/delegations/<uuid:delegation_id>/revoke")
@access(Role.HEAD)
def revoke(delegation_id: UUID) -> ResponseReturnValue:
    return step(
        lambda: views.revoke(delegation_id, read_form(StepSchema)),
        again=lambda form: _delegations_page({"revoke": form}),
        then=lambda _revoked: url_for("reading.delegations"),
        say=_("Revoked. What was signed on it stands."),
    )


def addressees(petition: Petition) -> list[tuple[str, str]]:
    """To whom an instruction on a petition may go: nobody who is complained of."""
    excluded = excluded_units(current_session(), petition.id)
    return choices(u for u in county().units if u.kind in ADDRESSEES and u.code not in excluded)


def _reading_page(petition_id: UUID, form: Form) -> str:
    session = current_session()
    reader = queries.reader_of(session, current_viewer())
    petition = queries.petition_to_read(session, reader, petition_id)
    return render_template(
        "intake/reading/one.html",
        title=petition.number,
        petition=petition,
        form=form,
        waiting=queries.count_to_read(session, reader),
        instructions=queries.instructions_on(session, petition_id),
        reading=queries.reading_of(session, petition_id),
        attachments=attachments_on(session, petition_id),
        has_scanner=current_instance().settings.scanner_url is not None,
        progress=session.get(Progress, petition_id),
        addressees=addressees(petition),
        on_delegation=reader.delegation_id is not None,
    )


def _delegations_page(typed: dict[str, Form]) -> str:
    given = queries.delegations(current_session())
    return render_template(
        "intake/reading/delegations.html",
        title=_("Delegations"),
        delegations=given,
        forms=StepForms(typed),
        deputies=choices(post for post in county().posts if post.stands_in_for_head),
        longest=LONGEST_DELEGATION_DAYS,
        first_day=clock.today(),
    )


def _next_after(petition_id: UUID) -> str:
    reader = queries.reader_of(current_session(), current_viewer())
    done = queries.petition_to_read(current_session(), reader, petition_id)
    following = queries.next_to_read(current_session(), reader, done.reading_key)
    return _url_of(following) if following else url_for("reading.listing")


def _url_of(petition: Petition) -> str:
    return url_for("reading.one", petition_id=petition.id)


def _place() -> str | None:
    """Where in the list one stands, from the address; nonsense is the beginning."""
    given = request.args.get("after", "")
    return given if given and not PageArguments().validate({"after": given}) else None
