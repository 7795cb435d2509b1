"""Letters that a viewer may see, and what is late with a unit that a letter to it may list.

A matter that complains of the unit addressed is in no letter to it (条例 30), and whoever is kept out of a
matter does not see a letter that lists it (M8).
"""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, select
from sqlalchemy.orm import Session, lazyload, undefer

from services.supervision.clocks.models import Clock
from services.supervision.clocks.queries import clocks_for
from services.supervision.clocks.rules import Light
from services.supervision.letters.models import Letter, LetterItem
from services.supervision.letters.rules import DRAFT
from shared.errors import N_, NotFound
from shared.identity.recusal import Exclusion
from shared.identity.roles import Role, Viewer
from shared.identity.scopes import LETTERS, Reach

OFFERED = 200  # four letters' worth
LEFT_OUT = (lazyload(Clock.term), lazyload(Clock.holdings), lazyload(Clock.pauses))


def letters_for(viewer: Viewer, filters: dict[str, Any]) -> Select[Letter]:
    """The letters that a viewer may see, by state and addressee; drafts are the supervisors'."""
    statement = select(Letter).where(_seen_by(viewer))
    for name in ("state", "addressee"):
        if filters.get(name):
            statement = statement.where(getattr(Letter, name) == filters[name])
    return statement


def letter_for(session: Session, viewer: Viewer, letter_id: UUID, *, with_file: bool = False) -> Letter:
    """One letter. Raises NotFound alike where it does not exist and where it may not be seen."""
    statement = letters_for(viewer, {}).where(Letter.id == letter_id)
    if with_file:
        statement = statement.where(Letter.state != DRAFT).options(undefer(Letter.file))
    found = session.scalar(statement)
    if found is None:
        raise NotFound(N_("There is no such letter, or it is not yours to see."))
    return found


def late_with(
    session: Session, viewer: Viewer, unit: str, *, among: Collection[UUID] | None = None
) -> Sequence[Clock]:
    """The duties that are late with a unit and that a letter to it may list, the longest overdue first.

    `among`: of these only; without it as many as can be chosen from on a page.
    """
    late = _late(viewer).where(Clock.holder == unit).options(*LEFT_OUT)
    late = late.limit(OFFERED) if among is None else late.where(Clock.id.in_(among))
    return session.scalars(late.order_by(Clock.due_on, Clock.number, Clock.id)).all()


def late_units(session: Session, viewer: Viewer) -> Sequence[dict[str, Any]]:
    """Units with how many duties are late with them, by code: a high count is no blame."""
    counted = _late(viewer).with_only_columns(Clock.holder, func.count())
    counted = counted.group_by(Clock.holder).order_by(Clock.holder)
    return [{"unit": unit, "late": count} for unit, count in session.execute(counted)]


def _late(viewer: Viewer) -> Select[Clock]:
    told_of = exists().where(Exclusion.petition_id == Clock.petition_id, Exclusion.unit == Clock.holder)
    return clocks_for(viewer, {"light": Light.RED}).where(~told_of)


def _seen_by(viewer: Viewer) -> ColumnElement[bool]:
    hidden = exists().where(
        LetterItem.letter_id == Letter.id,
        Exclusion.petition_id == LetterItem.petition_id,
        Exclusion.unit == viewer.unit,
    )
    return and_(_scope(viewer), ~hidden)


def _scope(viewer: Viewer) -> ColumnElement[bool]:
    seen = LETTERS.where(viewer, {Reach.UNIT: lambda: Letter.addressee == viewer.unit})
    return seen if viewer.role is Role.SUPERVISOR else and_(Letter.state != DRAFT, seen)
