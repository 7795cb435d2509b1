"""Attachments over HTTP, for those who may see the petition: list, add, download."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from services.intake.attachments import commands, queries, schemas
from services.intake.attachments.models import Attachment
from services.intake.first_reading.queries import may_see
from services.intake.identities.vault import vault_of
from services.intake.registration.queries import petition_for
from shared.identity.roles import CASEWORK, Role
from shared.identity.scopes import PETITION_PAGE, PETITIONS
from shared.web.access import access, current_viewer, takes_upload, within
from shared.web.downloads import download, note_given
from shared.web.request import current_instance, current_session

api = Blueprint(
    "attachments_api", __name__, url_prefix="/api/petitions/<uuid:petition_id>", description="M1 Attachments"
)


@api.get("/attachments")
@api.response(200, schemas.AttachmentOut(many=True))
@access(*CASEWORK)
@within(PETITION_PAGE)
def listing(petition_id: UUID) -> Sequence[Attachment]:
    """The files of a petition in their order."""
    may_see(current_session(), current_viewer(), petition_id)
    return queries.attachments_on(current_session(), petition_id)


@api.post("/attachments")
@api.arguments(schemas.FilesIn, location="files")
@api.response(201, schemas.AttachmentOut(many=True))
@takes_upload
@access(Role.CLERK, Role.TOWNSHIP)
@within(PETITIONS)
def add(form: dict[str, Any], petition_id: UUID) -> Sequence[Attachment]:
    """Add files that came with a petition, in the order in which they are sent."""
    settings = current_instance().settings
    with current_instance().db.read() as session:
        petition_for(session, current_viewer(), petition_id)
    files = commands.prepare(form["files"], settings.max_attachment_bytes, needed=True)
    petition = petition_for(current_session(), current_viewer(), petition_id)
    vault = vault_of(current_instance())
    return commands.attach(current_session(), petition, files, by=current_viewer().post, vault=vault)


@api.get("/attachments/<uuid:attachment_id>/file")
@api.response(200, content_type="application/octet-stream")
@access(*CASEWORK)
@within(PETITION_PAGE)
def file(petition_id: UUID, attachment_id: UUID) -> Response:
    """A file to keep: the cleaned copy where one can be made. Its name is neutral.

    What waits for the virus scan, or what it found something in, is answered 409.
    """
    may_see(current_session(), current_viewer(), petition_id)
    found = queries.attachment_of(current_session(), petition_id, attachment_id)
    instance = current_instance()
    scanned = instance.settings.scanner_url is not None
    note_given("attachment.given", attachment_id)
    return download(**queries.to_give_out(current_session(), found, vault_of(instance), has_scanner=scanned))
