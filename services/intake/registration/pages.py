"""The pages of the register: look it up, and register a petition in one page."""

from typing import Any
from uuid import uuid4

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from services.intake.attachments import commands as attachments
from services.intake.identities.vault import vault_of
from services.intake.portal.receipt import receipt_of
from services.intake.registration import queries, schemas, views
from services.intake.registration.commands import Registered
from services.intake.registration.rules import MOST_REPRESENTATIVES
from services.intake.screening.rules import State
from shared import clock
from shared.contracts.intake import CHANNELS
from shared.identity.roles import CASEWORK, Role
from shared.identity.scopes import PETITIONS
from shared.web.access import access, current_viewer, takes_upload, within
from shared.web.forms import Form, read_form, step
from shared.web.names import choices, county, labels
from shared.web.request import current_instance, current_session

pages = Blueprint("register", __name__, url_prefix="/register")
REGISTRARS = (Role.CLERK, Role.TOWNSHIP, Role.LIAISON)
TONES = {State.REGISTERED: "warn", State.ACCEPTED: "good", State.TRANSFERRED: "plain"}
STATES = tuple(state.value for state in State if state is not State.SEALED)
# Who received it, by the role of who enters it; and the channel where the address names none.
USUAL = {
    Role.CLERK: {"organ": "commission", "channel": "letter"},
    Role.TOWNSHIP: {"organ": "township", "channel": "visit"},
    Role.LIAISON: {"organ": "department", "channel": "passed_on"},
}


@pages.get("")
@access(*CASEWORK)
@within(PETITIONS)
def listing() -> ResponseReturnValue:
    arguments = _arguments()
    found = queries.register_page(current_session(), current_viewer(), arguments, county())
    chosen = {name: value for name, value in arguments.items() if value and name not in ("after", "limit")}
    return render_template(
        "intake/register/list.html",
        title=_("Register"),
        found=found,
        chosen=chosen,
        may_register=current_viewer().role in REGISTRARS,
        states=labels("state", STATES),
        tones=TONES,
        channels=labels("channel"),
        townships=choices(county().townships),
        classes=choices(county().content_classes),
    )


@pages.get("/new")
@access(*REGISTRARS)
def new() -> ResponseReturnValue:
    usual = USUAL[current_viewer().role]
    asked = request.args.get("channel")
    values = usual | {
        "channel": asked if asked in CHANNELS else usual["channel"],
        "received_on": clock.today().isoformat(),
        "township": current_viewer().township or "",
        "petition_id": str(uuid4()),
    }
    return _form_page(Form(values=values))


@pages.post("/new")
@takes_upload
@access(*REGISTRARS)
def register() -> ResponseReturnValue:
    return step(
        _register,
        again=_form_page,
        then=_registered_page,
        shows=True,
    )


def _register() -> Registered:
    # The files first: no transaction waits while they are judged.
    limit = current_instance().settings.max_attachment_bytes
    files = attachments.prepare(request.files.getlist("files"), limit)
    done = views.register(read_form(schemas.PetitionIn))
    if done.is_new:
        by, vault = current_viewer().post, vault_of(current_instance())
        attachments.attach(current_session(), done.petition, files, by=by, vault=vault)
    return done


def _form_page(form: Form) -> str:
    return render_template(
        "intake/register/new.html",
        title=_("Register a petition"),
        form=form,
        channels=labels("channel"),
        organs=labels("organ"),
        townships=choices(county().townships),
        classes=choices(county().content_classes),
        units=choices(unit for unit in county().units if unit.kind != "head"),
        further=range(MOST_REPRESENTATIVES - 1),
    )


def _registered_page(done: Registered) -> str:
    return render_template(
        "intake/register/registered.html",
        title=_("Registered: %(number)s", number=done.petition.number),
        petition=done.petition,
        receipt=receipt_of(done.petition.number, done.code) if done.code else None,
        received_on=done.petition.received_on,
        may_see=current_viewer().role in CASEWORK,
    )


def _arguments() -> dict[str, Any]:
    schema = schemas.PetitionArguments()
    given = {name: value for name, value in request.args.items() if name in schema.fields and value.strip()}
    wrong = schema.validate(given)
    arguments: dict[str, Any] = schema.load({k: v for k, v in given.items() if k not in wrong})
    return arguments
