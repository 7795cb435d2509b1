"""The steps of screening on a petition's page."""

from uuid import UUID

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from services.intake.registration.queries import petition_for
from services.intake.screening import schemas, views
from services.intake.screening.rules import SCREENERS
from shared.identity.scopes import PETITIONS
from shared.web.access import access, current_viewer, within
from shared.web.forms import Form, read_form, step
from shared.web.names import class_name, label, township_name
from shared.web.parts import petition_page, petition_url
from shared.web.request import current_session

pages = Blueprint("screening", __name__, url_prefix="/petitions")


@pages.post("/<uuid:petition_id>/accept")
@access(*SCREENERS)
@within(PETITIONS)
def accept(petition_id: UUID) -> ResponseReturnValue:
    return step(
        lambda: views.accept(petition_id, read_form(schemas.AcceptIn)),
        again=lambda form: _again(petition_id, "accept", form),
        then=lambda _petition: petition_url(petition_id),
        say=_("Accepted. It goes to the leader who answers for its township."),
    )


@pages.post("/<uuid:petition_id>/decline")
@access(*SCREENERS)
@within(PETITIONS)
def decline(petition_id: UUID) -> ResponseReturnValue:
    return step(
        lambda: views.decline(petition_id, read_form(schemas.DeclineIn)),
        again=lambda form: _again(petition_id, "decline", form),
        then=lambda _petition: petition_url(petition_id),
        say=_("Declined. The petitioner is told why and where to go."),
    )


@pages.post("/<uuid:petition_id>/transfer")
@access(*SCREENERS)
@within(PETITIONS)
def transfer(petition_id: UUID) -> ResponseReturnValue:
    return step(
        lambda: views.transfer(petition_id, read_form(schemas.TransferIn)),
        again=lambda form: _again(petition_id, "transfer", form),
        then=lambda _petition: petition_url(petition_id),
        say=_("Transferred. The agency signs for it or sends it back."),
    )


def _again(petition_id: UUID, name: str, form: Form) -> str:
    """The petition's page with what was typed, and beside it how things stand now."""
    petition = petition_for(current_session(), current_viewer(), petition_id)
    now = {
        "category": (petition.category, label(petition.category, "category")),
        "township": (petition.township, township_name(petition.township)),
        "content_class": (petition.content_class, class_name(petition.content_class)),
    }
    form.current = {field: name for field, (code, name) in now.items() if code and code != form.value(field)}
    return petition_page(petition_id, {name: form})
