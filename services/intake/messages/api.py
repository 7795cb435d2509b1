"""Messages over HTTP, for the offices; petitioners write and read by their code in the portal."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask_smorest import Blueprint

from services.intake.messages import commands, queries, schemas
from services.intake.messages.models import Message
from services.intake.messages.rules import READERS, WRITERS
from services.intake.registration.queries import petition_for
from shared.identity.scopes import PETITIONS
from shared.web.access import access, current_viewer, within
from shared.web.paging import PageArguments, page
from shared.web.request import current_session

api = Blueprint("messages_api", __name__, url_prefix="/api", description="M1 Messages")


@api.get("/petitions/<uuid:petition_id>/messages")
@api.response(200, schemas.MessageOut(many=True))
@access(*READERS)
@within(PETITIONS)
def listing(petition_id: UUID) -> Sequence[Message]:
    """The messages on a petition, the oldest first."""
    petition_for(current_session(), current_viewer(), petition_id)
    return queries.messages_on(current_session(), petition_id)


@api.post("/petitions/<uuid:petition_id>/messages")
@api.arguments(schemas.MessageIn)
@api.response(201, schemas.MessageOut)
@access(*WRITERS)
@within(PETITIONS)
def write(body: dict[str, str], petition_id: UUID) -> Message:
    """Write to the petitioner, who finds it by the query code."""
    petition = petition_for(current_session(), current_viewer(), petition_id)
    return commands.send(current_session(), petition, body["text"], by=current_viewer())


@api.post("/petitions/<uuid:petition_id>/messages/read")
@api.arguments(schemas.ReadIn)
@api.response(204)
@access(*WRITERS)
@within(PETITIONS)
def mark_read(body: dict[str, Any], petition_id: UUID) -> None:
    """Note that what the petitioner wrote was read; it is then in nobody's unread list."""
    petition_for(current_session(), current_viewer(), petition_id)
    commands.mark_read(current_session(), petition_id, by=current_viewer(), until=body["until"])


@api.get("/messages/unread")
@api.arguments(PageArguments, location="query")
@api.response(200, schemas.UnreadPage)
@access(*READERS)
@within(PETITIONS)
def unread(arguments: dict[str, Any]) -> dict[str, Any]:
    """What petitioners wrote and no office has read, the oldest first."""
    return page(current_session(), queries.unread_for(current_viewer()), Message.list_key, arguments)
