"""An inbox over HTTP: list, count, mark read. Everyone sees their own unit's only."""

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint

from services.notify.inbox import commands, queries, schemas
from services.notify.inbox.models import Notice
from shared.identity.scopes import NOTICES
from shared.web.access import current_viewer, everyone_signed_in, within
from shared.web.paging import page
from shared.web.request import current_session

api = Blueprint("inbox_api", __name__, url_prefix="/api/inbox", description="M24 Messages")


@api.get("")
@api.arguments(schemas.InboxArguments, location="query")
@api.response(200, schemas.NoticePage)
@everyone_signed_in
@within(NOTICES)
def listing(arguments: dict[str, Any]) -> dict[str, Any]:
    """The notices of your unit: unread first, the newest first among each."""
    return page_of_inbox(arguments)


@api.get("/unread-count")
@api.response(200, schemas.UnreadOut)
@everyone_signed_in
@within(NOTICES)
def unread() -> dict[str, int]:
    """How many notices of your unit are unread."""
    return {"unread": queries.unread_count(current_session(), current_viewer())}


@api.post("/<uuid:notice_id>/read")
@api.response(200, schemas.NoticeOut)
@everyone_signed_in
@within(NOTICES)
def read(notice_id: UUID) -> dict[str, Any]:
    """Mark a notice read, for the whole unit; once more changes nothing."""
    viewer, session = current_viewer(), current_session()
    (notice,) = queries.written(session, [commands.mark_read(session, notice_id, by=viewer)], viewer)
    return notice


@api.post("/read-all")
@api.arguments(schemas.ReadAll)
@api.response(200, schemas.UnreadOut)
@everyone_signed_in
@within(NOTICES)
def read_all(body: dict[str, Any]) -> dict[str, int]:
    """Mark all notices of your unit read, or those until a moment; tells how many are still unread."""
    viewer, session = current_viewer(), current_session()
    commands.mark_all_read(session, body["until"], by=viewer)
    return {"unread": queries.unread_count(session, viewer)}


def page_of_inbox(arguments: dict[str, Any]) -> dict[str, Any]:
    """One page of the viewer's inbox with its texts."""
    viewer, session = current_viewer(), current_session()
    notices = queries.unread_of(viewer) if arguments["unread"] else queries.inbox_of(viewer)
    found = page(session, notices, Notice.list_key, arguments, newest_first=True)
    return found | {"items": queries.written(session, found["items"], viewer)}
