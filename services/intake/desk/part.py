"""Puts the cards of each role's desk together."""

from typing import Any

from flask import render_template
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.intake.desk import queries
from services.intake.first_reading.queries import Reader, count_to_read, reader_of, reads_for_head, to_be_read
from services.intake.identities.models import OpeningRequest
from services.intake.identities.queries import requests_for as openings_for
from services.intake.identities.rules import Asked, is_good
from services.intake.messages.models import Message
from services.intake.messages.queries import unread_count, unread_for
from services.intake.messages.rules import WRITERS
from services.intake.petitioner_requests.models import PetitionerRequest
from services.intake.petitioner_requests.queries import open_count, requests_for
from services.intake.petitioner_requests.rules import ANSWERS, Kind, State
from services.intake.progress.queries import open_clocks
from services.intake.registration.models import Petition
from services.intake.transfers.queries import with_petitions
from shared import clock
from shared.identity.roles import Role, Viewer
from shared.web.access import current_viewer
from shared.web.names import county
from shared.web.request import current_session

SCREENS = (Role.CLERK, Role.TOWNSHIP)
REGISTERS = (Role.CLERK, Role.TOWNSHIP, Role.LIAISON)
FIRST_TO_READ = 5


def desk_part() -> str:
    """What intake has for the viewer to do; nothing for who has nothing to do here."""
    session, viewer = current_session(), current_viewer()
    shown = (
        _reading(session, viewer)
        | _screening(session, viewer)
        | _transfers(session, viewer)
        | _township(session, viewer)
        | _correspondence(session, viewer)
        | _agreements(session, viewer)
    )
    shown["registers"] = viewer.role in REGISTERS
    if not any(shown.values()):
        return ""
    return render_template("intake/desk/part.html", **shown)


def _reading(session: Session, viewer: Viewer) -> dict[str, Any]:
    if not reads_for_head(session, viewer):
        return {}
    reader: Reader = reader_of(session, viewer)
    first = to_be_read(reader).order_by(Petition.reading_key).limit(FIRST_TO_READ)
    return {
        "reads": True,
        "to_read": session.scalars(first).all(),
        "read_count": count_to_read(session, reader),
        "on_delegation": reader.delegation_id is not None,
    }


def _screening(session: Session, viewer: Viewer) -> dict[str, Any]:
    if viewer.role not in SCREENS:
        return {}
    rows, count = queries.to_screen(session, viewer)
    return {"screens": True, "to_screen": rows, "screen_count": count}


def _transfers(session: Session, viewer: Viewer) -> dict[str, Any]:
    if viewer.role is not Role.LIAISON:
        return {}
    waiting, count = queries.to_sign(session, viewer)
    due = open_clocks(session, [one.petition_id for one in waiting], "receipt")
    lines = [
        row | {"due_on": due[one.petition_id].due_on if one.petition_id in due else None}
        for one, row in zip(waiting, with_petitions(session, waiting), strict=True)
    ]
    return {"signs": True, "to_sign": lines, "sign_count": count}


def _township(session: Session, viewer: Viewer) -> dict[str, Any]:
    if viewer.role is not Role.TOWNSHIP:
        return {}
    return {
        "is_township": True,
        "accepted": queries.accepted_here(session, viewer),
        "own": queries.own_registrations(session, viewer),
    }


def _correspondence(session: Session, viewer: Viewer) -> dict[str, Any]:
    """What petitioners wrote and asked for that waits for this viewer."""
    shown: dict[str, Any] = {}
    if viewer.role in WRITERS and (count := unread_count(session, viewer)):
        first = unread_for(viewer).order_by(Message.list_key).limit(queries.LINES)
        found = session.scalars(first).all()
        shown |= {"unread_count": count, "unread": _with_numbers(session, found)}
    mine = [kind for kind in Kind if viewer.role in ANSWERS[kind]]
    if mine and open_count(session, viewer, county()):
        asked = requests_for(viewer, county(), {"state": State.OPEN})
        asked = asked.where(PetitionerRequest.kind.in_(mine)).order_by(PetitionerRequest.list_key)
        found_requests = session.scalars(asked.limit(queries.LINES)).all()
        shown |= {"requests": _with_numbers(session, found_requests)}
    return shown


def _agreements(session: Session, viewer: Viewer) -> dict[str, Any]:
    """Looks at identities that wait for this viewer's agreement, and those agreed to."""
    found = session.scalars(
        openings_for(session, viewer)
        .where(OpeningRequest.state.in_((Asked.WAITING, Asked.AGREED)))
        .order_by(OpeningRequest.asked_at)
        .limit(queries.LINES)
    ).all()
    now = clock.now()
    waiting = [r for r in found if r.state == Asked.WAITING and r.asked_by != viewer.post]
    ready = [r for r in found if is_good(r.state, r.decided_at, now)]
    return {
        "to_agree": _with_numbers(session, waiting) if waiting else [],
        "agreed_looks": _with_numbers(session, ready) if ready else [],
    }


def _with_numbers(session: Session, found: Any) -> list[tuple[Any, Petition]]:
    """Each with its petition, by one query."""
    ids = {one.petition_id for one in found}
    petitions = {p.id: p for p in session.scalars(select(Petition).where(Petition.id.in_(ids)))}
    return [(one, petitions[one.petition_id]) for one in found]
