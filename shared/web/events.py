"""Lets peers fetch what they have missed from this service's outbox (catch-up).

A peer gets only the events that it subscribes to, and another agency's only those for partners; the index
first, then the bodies that it lacks.
"""

from flask import Blueprint, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from shared.contracts.registry import Contract, all_contracts
from shared.db.outbox import Outbox
from shared.errors import N_, Invalid, SignInNeeded
from shared.web.access import current_peer, peers_only
from shared.web.request import current_instance, current_session

MOST = 5000


def events_blueprint() -> Blueprint:
    blueprint = Blueprint("events", __name__, url_prefix="/events")

    @blueprint.get("")
    @peers_only
    def index() -> ResponseReturnValue:
        types = _types_for_peer()
        after = _whole_number("after", 0)
        rows = current_session().execute(
            select(Outbox.position, Outbox.id)
            .where(Outbox.position > after, Outbox.type.in_(types))
            .order_by(Outbox.position)
            .limit(min(_whole_number("limit", 1000), MOST))
        )
        settings, service = current_instance().settings, current_instance().service
        source = f"/{settings.agency}/{service.name}"
        events = [{"position": position, "source": source, "id": id_} for position, id_ in rows]
        return jsonify(events=events, last=events[-1]["position"] if events else after)

    @blueprint.get("/bodies")
    @peers_only
    def bodies() -> ResponseReturnValue:
        types = _types_for_peer()
        ids = request.args.getlist("id")[:MOST]
        rows = current_session().scalars(
            select(Outbox.body).where(Outbox.id.in_(ids), Outbox.type.in_(types)).order_by(Outbox.position)
        )
        return jsonify(events=list(rows))

    return blueprint


def _types_for_peer() -> list[str]:
    own = current_instance().settings.agency
    _empty, agency, service = current_peer().split("/")
    subscriptions: dict[str, set[str]] = current_app.extensions["huajie-subscriptions"]
    if service not in subscriptions:
        raise SignInNeeded(N_("This address is for the other services, each with its token."))
    wanted = [c for c in all_contracts() if c.key in subscriptions[service]]
    return [contract.type_for(own) for contract in (wanted if agency == own else for_partner(wanted))]


def for_partner(wanted: list[Contract]) -> list[Contract]:
    """Of the events that a service of another agency asks for, those that it may have."""
    return [contract for contract in wanted if contract.for_partners]


def _whole_number(name: str, default: int) -> int:
    text = request.args.get(name, str(default))
    if not text.isdecimal() or len(text) > 15:
        raise Invalid(N_("Give a whole number, 0 or more."), field=name)
    return int(text)
