"""The inbox as a page and as a part of the desk. A notice is read by opening what it is about."""

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from services.notify.inbox import commands, queries
from services.notify.inbox.api import page_of_inbox
from services.notify.inbox.models import Notice
from services.notify.inbox.rules import RULES
from services.notify.inbox.schemas import InboxArguments, ReadAll
from shared import clock
from shared.identity.roles import Role
from shared.identity.scopes import NOTICES
from shared.web.access import current_viewer, everyone_signed_in, within
from shared.web.forms import read_form, step
from shared.web.parts import page_url, petition_url
from shared.web.request import current_session

NEWEST = 5  # on the desk

pages = Blueprint("inbox", __name__, url_prefix="/inbox")


@pages.get("")
@everyone_signed_in
@within(NOTICES)
def show() -> ResponseReturnValue:
    return inbox_page()


@pages.post("/<uuid:notice_id>/open")
@everyone_signed_in
@within(NOTICES)
def open_notice(notice_id: UUID) -> ResponseReturnValue:
    """Mark a notice read and go to what it is about."""
    notice = commands.mark_read(current_session(), notice_id, by=current_viewer())
    return redirect(_place(notice.kind, notice.petition_id) or url_for("inbox.show"), 303)


@pages.post("/<uuid:notice_id>/read")
@everyone_signed_in
@within(NOTICES)
def read(notice_id: UUID) -> ResponseReturnValue:
    commands.mark_read(current_session(), notice_id, by=current_viewer())
    return redirect(_inbox_again(), 303)


@pages.post("/read-all")
@everyone_signed_in
@within(NOTICES)
def read_all() -> ResponseReturnValue:
    return step(
        lambda: commands.mark_all_read(current_session(), read_form(ReadAll)["until"], by=current_viewer()),
        again=lambda _form: inbox_page(),
        then=lambda _count: url_for("inbox.show"),
        say=_("All that you saw is marked read."),
    )


def inbox_page() -> str:
    """The viewer's inbox: unread first, with what is chosen in the address."""
    known = {name: value for name, value in request.args.items() if name in InboxArguments().fields}
    arguments = InboxArguments().load(known)
    found = page_of_inbox(arguments)
    return render_template(
        "notify/inbox.html",
        title=_("Inbox"),
        notices=[_with_place(notice) for notice in found["items"]],
        next=found["next"],
        only_unread=arguments["unread"],
        unread=queries.unread_count(current_session(), current_viewer()),
        looked_at=clock.now().isoformat(),
    )


def desk_part() -> str:
    """The newest that is unread; nothing for the operator, whose desk shows how the machines are."""
    viewer, session = current_viewer(), current_session()
    unread = queries.unread_count(session, viewer)
    if not unread and viewer.role is Role.OPERATOR:
        return ""
    newest = queries.unread_of(viewer).order_by(Notice.list_key.desc()).limit(NEWEST)
    written = queries.written(session, session.scalars(newest).all(), viewer)
    title = ngettext("%(num)d unread notice", "%(num)d unread notices", unread) if unread else _("Messages")
    notices = [_with_place(notice) for notice in written]
    return render_template("notify/desk.html", title=title, notices=notices)


def _with_place(notice: dict[str, Any]) -> dict[str, Any]:
    return notice | {"place": _place(notice["kind"], notice["petition_id"])}


def _place(kind: str, petition_id: UUID | None) -> str | None:
    """Where one reads on: at the petition, or on the page of what else the notice is about."""
    page = RULES[kind].page
    if petition_id and current_viewer().role is Role.LIAISON:
        # An agency sees what was passed to it, not the petition.
        return page_url(*page or ("intake", "/transfers"))
    if petition_id:
        return petition_url(petition_id)
    return page_url(*page) if page else None


def _inbox_again() -> str:
    """The list as it was looked at: with its filter, from its beginning."""
    return url_for("inbox.show", unread="true" if request.form.get("unread") else None)
