"""The inbox as a page: a list with one button per notice, also without script."""

from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from services.notify.inbox import commands, queries
from services.notify.inbox.api import page_of_inbox
from services.notify.inbox.schemas import ReadAll
from shared import clock
from shared.web.access import current_viewer, everyone_signed_in
from shared.web.paging import PageArguments
from shared.web.request import current_session

pages = Blueprint("inbox", __name__, url_prefix="/inbox")


@pages.get("")
@everyone_signed_in
def show() -> ResponseReturnValue:
    return inbox_page()


@pages.post("/<uuid:notice_id>/read")
@everyone_signed_in
def read(notice_id: UUID) -> ResponseReturnValue:
    commands.mark_read(current_session(), notice_id, by=current_viewer())
    return redirect(url_for("inbox.show"), 303)


@pages.post("/read-all")
@everyone_signed_in
def read_all() -> ResponseReturnValue:
    until = ReadAll().load({"until": request.form.get("until", "")})["until"]
    commands.mark_all_read(current_session(), until, by=current_viewer())
    return redirect(url_for("inbox.show"), 303)


def inbox_page() -> str:
    """The page of the viewer's inbox, which is the start page of the service too."""
    arguments = PageArguments().load({k: v for k, v in request.args.items() if k in ("after", "limit")})
    found = page_of_inbox(arguments)
    return render_template(
        "notify/inbox.html",
        title=_("Inbox"),
        notices=found["items"],
        next=found["next"],
        unread=queries.unread_count(current_session(), current_viewer()),
        looked_at=clock.now().isoformat(),
    )
