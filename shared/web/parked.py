"""Shows the operator which messages are parked and why, runs them again or puts them away.

Bodies are not shown: the operator keeps the machines and sees no matter.
"""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_smorest import Blueprint as ApiBlueprint
from marshmallow import Schema, fields
from marshmallow.validate import Length
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.bus.work import dismiss, run_again
from shared.db.inbox import Inbox, State
from shared.errors import N_, Invalid
from shared.identity.roles import Role
from shared.text import clean_line
from shared.watching.backlog import backlog
from shared.web.access import access
from shared.web.fields import Line
from shared.web.forms import Form
from shared.web.request import current_instance, current_session

MOST = 500
SHORTEST_REASON = 3


class ParkedMessage(Schema):
    source = fields.String()
    id = fields.String()
    type = fields.String()
    received_at = fields.AwareDateTime()
    attempts = fields.Integer()
    reason = fields.String(attribute="last_error")


class Key(Schema):
    source = fields.String(required=True, validate=Length(1, 255))
    id = fields.String(required=True, validate=Length(1, 255))


class RunAgain(Schema):
    messages = fields.List(fields.Nested(Key), required=True, validate=Length(1, MOST))


class Dismiss(RunAgain):
    reason = Line(SHORTEST_REASON, 200, required=True)


class Count(Schema):
    count = fields.Integer(metadata={"description": "How many were still parked and are no more"})


def parked_messages(session: Session, limit: int = MOST) -> Sequence[Inbox]:
    """The parked messages, oldest first."""
    parked = select(Inbox).where(Inbox.state == State.PARKED).order_by(Inbox.received_at).limit(limit)
    return session.scalars(parked).all()


def parked_api() -> ApiBlueprint:
    blueprint = ApiBlueprint("parked_api", __name__, url_prefix="/api/parked", description="Parked messages")

    @blueprint.get("")
    @blueprint.response(200, ParkedMessage(many=True))
    @access(Role.OPERATOR)
    def listing() -> Sequence[Inbox]:
        """Parked messages with the reason, oldest first, 500 at most."""
        return parked_messages(current_session())

    @blueprint.post("/run-again")
    @blueprint.arguments(RunAgain)
    @blueprint.response(200, Count)
    @access(Role.OPERATOR)
    def again(body: dict[str, Any]) -> dict[str, int]:
        """Give parked messages to the work loop again, with all tries before them."""
        return {"count": run_again(current_session(), _keys(body))}

    @blueprint.post("/dismiss")
    @blueprint.arguments(Dismiss)
    @blueprint.response(200, Count)
    @access(Role.OPERATOR)
    def away(body: dict[str, Any]) -> dict[str, int]:
        """Put parked messages away for good, with the reason; they stay on file."""
        return {"count": dismiss(current_session(), _keys(body), body["reason"])}

    return blueprint


def _keys(body: dict[str, Any]) -> list[tuple[str, str]]:
    return [(message["source"], message["id"]) for message in body["messages"]]


def parked_pages() -> Blueprint:
    blueprint = Blueprint("parked", __name__, url_prefix="/ops")

    @blueprint.get("/parked")
    @access(Role.OPERATOR)
    def page() -> ResponseReturnValue:
        return _page()

    @blueprint.post("/parked")
    @access(Role.OPERATOR)
    def act() -> ResponseReturnValue:
        session = current_session()
        keys = [_chosen(value) for value in request.form.getlist("message")]
        reason = clean_line(request.form.get("reason", ""))
        try:
            if not keys:
                raise Invalid(N_("Choose at least one message."), field="message")
            if request.form.get("action") == "dismiss":
                if len(reason) < SHORTEST_REASON:
                    raise Invalid(N_("Say in a few words why it may be put away."), field="reason")
                count = dismiss(session, keys, reason)
                flash(ngettext("%(num)d message put away.", "%(num)d messages put away.", count))
            else:
                count = run_again(session, keys)
                flash(ngettext("%(num)d message is run again.", "%(num)d messages are run again.", count))
        except Invalid as problem:
            return _page(problem), problem.status
        current_instance().work_wake.set()
        return redirect(url_for("parked.page"), 303)

    return blueprint


def _page(problem: Invalid | None = None) -> str:
    session = current_session()
    return render_template(
        "parked.html",
        title=_("Parked messages"),
        messages=parked_messages(session),
        backlog=backlog(session),
        form=Form(request.form, problem),
    )


def _chosen(value: str) -> tuple[str, str]:
    source, _separator, id_ = value.partition(" ")
    return source, id_
