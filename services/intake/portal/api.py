"""The portal over HTTP: for anybody, without signing in and without an address being kept."""

from collections.abc import Sequence
from typing import Any

from flask_smorest import Blueprint

from services.intake.attachments.commands import attach, prepare
from services.intake.attachments.models import PETITIONER, Attachment
from services.intake.attachments.schemas import FilesIn
from services.intake.identities.vault import vault_of
from services.intake.messages.commands import mark_read, receive
from services.intake.messages.models import Message
from services.intake.messages.queries import has_news
from services.intake.petitioner_requests.commands import make
from services.intake.petitioner_requests.models import PetitionerRequest
from services.intake.portal import commands, queries, schemas
from services.intake.portal.door import id_of, petition_of
from services.intake.portal.models import Rating
from services.intake.registration.commands import register
from services.intake.registration.models import Petition
from services.intake.registration.rules import NewPetition
from shared.county import load_county
from shared.web.access import public, takes_upload, without_token
from shared.web.limits import PORTAL, SUBMISSIONS, counted
from shared.web.request import current_instance, current_session

api = Blueprint("portal_api", __name__, url_prefix="/api/portal", description="M1, M14 Portal")


@api.post("/petitions")
@api.arguments(schemas.PortalPetitionIn)
@api.response(201, schemas.SubmittedOut)
@public
@counted(SUBMISSIONS)
def submit(new: NewPetition) -> dict[str, str | None]:
    """Submit a petition, by name or anonymous. The query code is in the answer, this once."""
    instance = current_instance()
    county = load_county(instance.settings.county_dir)
    done = register(current_session(), new, by=commands.BY, county=county, vault=vault_of(instance))
    return {"number": done.petition.number, "code": done.code}


@api.post("/lookup")
@api.arguments(schemas.CodeIn)
@api.response(200, schemas.StandingOut)
@public
def lookup(body: dict[str, str]) -> dict[str, Any]:
    """How a petition stands, by its query code. What the offices wrote counts as read after that."""
    petition_id = id_of(body["code"])
    county = load_county(current_instance().settings.county_dir)
    with current_instance().db.read() as session:
        shown = queries.standing(session, session.get_one(Petition, petition_id), county)
        news = has_news(session, petition_id)
    if news:
        mark_read(current_session(), petition_id, by=None)
    return shown


@api.post("/rating")
@api.arguments(schemas.RatingIn)
@api.response(201, schemas.RatingOut)
@public
@counted(PORTAL)
def rate(body: dict[str, Any]) -> Rating:
    """Rate how the matter was handled, once for each round, after the reply."""
    return commands.rate(current_session(), petition_of(body["code"]), body["rating"], body["round"])


@api.post("/messages")
@api.arguments(schemas.PortalMessageIn)
@api.response(201, schemas.PortalMessageOut)
@public
@counted(PORTAL)
def write(body: dict[str, str]) -> Message:
    """Write to the offices; the answer is found by the code. At most 10 messages a day."""
    return receive(current_session(), petition_of(body["code"]), body["text"])


@api.post("/attachments")
@api.arguments(schemas.CodeIn, location="form")
@api.arguments(FilesIn, location="files")
@api.response(201, schemas.PortalAttachmentOut(many=True))
@takes_upload
@without_token
@public
@counted(PORTAL)
def add_files(body: dict[str, str], form: dict[str, Any]) -> Sequence[Attachment]:
    """Add files, up to 10 of a petition; they are judged by their content, and all are taken or none."""
    petition_id = id_of(body["code"])
    files = prepare(form["files"], current_instance().settings.max_attachment_bytes, needed=True)
    petition = current_session().get_one(Petition, petition_id)
    return attach(current_session(), petition, files, by=PETITIONER, vault=vault_of(current_instance()))


@api.post("/requests")
@api.arguments(schemas.PortalRequestIn)
@api.response(201, schemas.PortalRequestOut)
@public
@counted(PORTAL)
def ask(body: dict[str, Any]) -> PetitionerRequest:
    """Object, ask for review, withdraw the consent to publicity, or report retaliation.

    A report of retaliation reaches nobody who is in charge of the petition.
    """
    return make(current_session(), petition_of(body["code"]), body["kind"], body["text"])
