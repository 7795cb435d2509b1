"""Steps on a petition's page that no other mechanism's pages have, and the part that keeps itself fresh."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from services.intake.attachments import commands as attachments
from services.intake.first_reading.queries import may_see
from services.intake.identities import schemas as identity_schemas
from services.intake.identities import views as identities
from services.intake.identities.api import DECIDES
from services.intake.identities.rules import MAY_ERASE, MAY_OPEN
from services.intake.identities.vault import vault_of
from services.intake.messages import commands as messages
from services.intake.messages import schemas as message_schemas
from services.intake.messages.rules import WRITERS
from services.intake.petition_page.part import MAY_ATTACH, now
from services.intake.petitioner_requests import schemas as request_schemas
from services.intake.petitioner_requests import views as petitioner_requests
from services.intake.petitioner_requests.rules import ANSWERS
from services.intake.portal.receipt import receipt_of
from services.intake.progress.rules import light_of
from services.intake.registration import views
from services.intake.registration.queries import petition_for
from shared import clock
from shared.errors import Forbidden, NotFound
from shared.identity.roles import CASEWORK, Role
from shared.identity.scopes import IDENTITY_REQUESTS, PETITION_PAGE, PETITIONS, REQUESTS
from shared.web.access import access, current_viewer, everyone_signed_in, takes_upload, within
from shared.web.errors import translate
from shared.web.forms import Form, read_form, step
from shared.web.parts import petition_page, petition_url
from shared.web.request import current_instance, current_session

pages = Blueprint("petition_page", __name__, url_prefix="/petitions/<uuid:petition_id>")


@pages.app_template_filter("light_of")
def light(due_on: Any, started: Any = None) -> str:
    """The light of a day: `{{ clock.due_on|light_of(petition.received_on) }}`."""
    started_on = clock.local_date(started) if isinstance(started, datetime) else started
    return light_of(due_on, clock.today(), started_on)


@pages.get("/now")
@access(*CASEWORK)
@within(PETITION_PAGE)
def fresh(petition_id: UUID) -> ResponseReturnValue:
    """Where it stands and what happened, to be fetched again while the page is open."""
    session, viewer = current_session(), current_viewer()
    petition = may_see(session, viewer, petition_id)
    return render_template("intake/petition/_now.html", petition=petition, **now(session, petition, viewer))


@pages.post("/identity")
@everyone_signed_in  # so that a refusal, too, is on the access log
@within(PETITIONS)
def identity(petition_id: UUID) -> ResponseReturnValue:
    """Show who brought it on the page that answers, and nowhere else."""
    try:
        return step(
            lambda: identities.open_identity(petition_id, read_form(identity_schemas.Reason)["reason"]),
            again=lambda form: _again(petition_id, "identity", form),
            then=lambda people: _once(petition_id, "identity.html", _("Who brought it"), people=people),
            shows=True,
        )
    except (Forbidden, NotFound) as problem:
        petition_for(current_session(), current_viewer(), petition_id)  # else as if it did not exist
        refusal = translate(problem.message, problem.params)
        page = _once(petition_id, "identity.html", _("Who brought it"), people=(), refusal=refusal)
        return make_response(page, problem.status)


@pages.post("/identity-requests")
@access(*MAY_OPEN)
@within(PETITIONS)
def ask(petition_id: UUID) -> ResponseReturnValue:
    return step(
        lambda: identities.ask(petition_id, read_form(identity_schemas.Reason)["reason"]),
        again=lambda form: _again(petition_id, "ask", form),
        then=lambda _asked: petition_url(petition_id) + "#who",
        say=_("Asked. Once a second person has agreed you can look, within 24 hours."),
    )


@pages.post("/identity-requests/<uuid:opening_id>")
@access(*DECIDES)
@within(IDENTITY_REQUESTS)
def decide(petition_id: UUID, opening_id: UUID) -> ResponseReturnValue:
    return step(
        lambda: identities.decide(opening_id, read_form(identity_schemas.DecisionIn)),
        again=lambda form: _again(petition_id, f"decide-{opening_id}", form),
        then=lambda _decided: petition_url(petition_id) + "#who",
        say=_("Your decision is on the access log."),
    )


@pages.post("/identity/erasure")
@access(*MAY_ERASE)
@within(PETITIONS)
def erase(petition_id: UUID) -> ResponseReturnValue:
    return step(
        lambda: identities.erase(petition_id, read_form(identity_schemas.Reason)["reason"]),
        again=lambda form: _again(petition_id, "erase", form),
        then=lambda _none: petition_url(petition_id) + "#who",
        say=_("Erased. Nobody can open it again."),
    )


@pages.post("/code")
@access(Role.CLERK)
@within(PETITIONS)
def code(petition_id: UUID) -> ResponseReturnValue:
    """Issue a query code, in place of a lost one where there is one."""
    return step(
        lambda: views.issue_code(petition_id, lost=True),
        again=lambda form: _again(petition_id, "code", form),
        then=lambda issued: _code_page(petition_id, issued),
        shows=True,
    )


@pages.post("/messages")
@access(*WRITERS)
@within(PETITIONS)
def write(petition_id: UUID) -> ResponseReturnValue:
    def send() -> object:
        body = read_form(message_schemas.MessageIn)
        petition = petition_for(current_session(), current_viewer(), petition_id)
        return messages.send(current_session(), petition, body["text"], by=current_viewer())

    return step(
        send,
        again=lambda form: _again(petition_id, "message", form),
        then=lambda _message: petition_url(petition_id) + "#messages",
        say=_("Sent. The petitioner finds it by the query code."),
    )


@pages.post("/messages/read")
@access(*WRITERS)
@within(PETITIONS)
def mark_read(petition_id: UUID) -> ResponseReturnValue:
    def mark() -> None:
        petition_for(current_session(), current_viewer(), petition_id)
        until = read_form(message_schemas.ReadIn)["until"]
        messages.mark_read(current_session(), petition_id, by=current_viewer(), until=until)

    return step(
        mark,
        again=lambda form: _again(petition_id, "message", form),
        then=lambda _none: petition_url(petition_id) + "#messages",
    )


@pages.post("/attachments")
@takes_upload
@access(*MAY_ATTACH)
@within(PETITIONS)
def attach(petition_id: UUID) -> ResponseReturnValue:
    def keep() -> object:
        files = attachments.prepare(
            request.files.getlist("files"), current_instance().settings.max_attachment_bytes
        )
        petition = petition_for(current_session(), current_viewer(), petition_id)
        vault = vault_of(current_instance())
        return attachments.attach(current_session(), petition, files, by=current_viewer().post, vault=vault)

    return step(
        keep,
        again=lambda form: _again(petition_id, "attach", form),
        then=lambda _kept: petition_url(petition_id),
        say=_("The files are kept with the petition."),
    )


@pages.post("/requests/<uuid:request_id>")
@access(*frozenset.union(*ANSWERS.values()))
@within(REQUESTS)
def answer(petition_id: UUID, request_id: UUID) -> ResponseReturnValue:
    return step(
        lambda: petitioner_requests.answer(request_id, read_form(request_schemas.AnswerIn)),
        again=lambda form: _again(petition_id, f"answer-{request_id}", form),
        then=lambda _answered: petition_url(petition_id),
        say=_("Answered. The petitioner finds the answer by the query code."),
    )


def _code_page(petition_id: UUID, code: str) -> str:
    petition = petition_for(current_session(), current_viewer(), petition_id)
    shown = {"receipt": receipt_of(petition.number, code), "received_on": petition.received_on}
    return _once(petition_id, "code.html", _("New query code"), **shown)


def _again(petition_id: UUID, name: str, form: Form) -> str:
    return petition_page(petition_id, {name: form})


def _once(petition_id: UUID, template: str, title: str, **shown: Any) -> str:
    """A page that is shown this once: it has no address of its own, and no browser keeps it."""
    petition = petition_for(current_session(), current_viewer(), petition_id)
    return render_template(f"intake/petition/{template}", title=title, petition=petition, **shown)
