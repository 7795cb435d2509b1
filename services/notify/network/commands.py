"""An extract is drafted, issued, read, answered; it ends by recall or by its day, and its content with it."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.notify.concerned.models import InCharge, Unit
from services.notify.network import queries, rules
from services.notify.network.models import Extract, Matter
from services.notify.network.told import tell_agency, tell_issuer
from shared import clock
from shared.contracts import notify as events
from shared.contracts.registry import EventSchema
from shared.db.outbox import record
from shared.errors import N_, Invalid
from shared.identity.recusal import excluded_units
from shared.identity.roles import Viewer
from shared.web.versions import check_version

PORTION = 100
TIMER = "timer"  # who ended it, where its day came


def draft(
    session: Session,
    petition_id: UUID,
    *,
    agency: str,
    purpose: str,
    basis: str,
    parts: Sequence[str],
    summary: str,
    asked: str,
    answer_by: date,
    expires_on: date,
    by: Viewer,
) -> Extract:
    """Draft an extract for an agency. Raises NotFound, Invalid naming the field."""
    matter = queries.matter_for(session, by, petition_id)
    rules.check_purpose(purpose, basis, parts, category=matter.category)
    _check_agency(session, matter, agency)
    for name, text in (("summary", summary), ("asked", asked)):
        rules.check_text(text, name)
    rules.check_days(answer_by, expires_on, clock.today())
    id_ = uuid4()
    extract = Extract(
        id=id_,
        list_key=rules.list_key(clock.now(), id_),
        state=rules.DRAFT,
        petition_id=matter.petition_id,
        number=matter.number,
        agency=agency,
        purpose=purpose,
        basis=basis,
        parts=[name for name in rules.PARTS if name in parts],
        summary=summary,
        asked=asked,
        answer_by=answer_by,
        expires_on=expires_on,
        drafted_by=by.post,
    )
    session.add(extract)
    session.flush()
    return extract


def discard(session: Session, extract_id: UUID, *, by: Viewer, version: int) -> None:
    """Throw a draft away. Raises OutOfOrder where it was issued."""
    session.delete(_of_version(session, extract_id, by, version, rules.DRAFT))
    session.flush()


def issue(session: Session, extract_id: UUID, *, by: Viewer, version: int) -> Extract:
    """Freeze what the agency may read and tell it. Raises OutOfOrder, Invalid where something has changed."""
    extract = _of_version(session, extract_id, by, version, rules.DRAFT)
    matter = queries.matter_for(session, by, extract.petition_id)
    rules.check_purpose(extract.purpose, extract.basis, extract.parts, category=matter.category)
    _check_agency(session, matter, extract.agency)
    rules.check_days(extract.answer_by, extract.expires_on, clock.today())
    extract.content = _content(session, matter, extract.parts)
    extract.state, extract.issued_by, extract.issued_at = rules.ISSUED, by.post, clock.now()
    session.flush()
    _record(
        session,
        extract,
        events.ExtractIssuedV1,
        purpose=extract.purpose,
        basis=extract.basis,
        answer_by=extract.answer_by,
        expires_on=extract.expires_on,
        issued_at=extract.issued_at,
    )
    tell_agency(session, extract)
    return extract


def confirm_read(session: Session, extract_id: UUID, *, by: Viewer, version: int) -> Extract:
    """The agency's receipt: which post read it, and when. Raises OutOfOrder."""
    extract = _of_version(session, extract_id, by, version, rules.ISSUED)
    extract.state, extract.read_by, extract.read_at = rules.READ, by.post, clock.now()
    session.flush()
    _record(session, extract, events.ExtractReadV1, read_at=extract.read_at)
    return extract


def answer(
    session: Session, extract_id: UUID, *, result: str, text: str, by: Viewer, version: int
) -> Extract:
    """What the agency did or found. Raises OutOfOrder, Invalid."""
    extract = _of_version(session, extract_id, by, version, rules.READ)
    rules.check_text(text, "text")
    extract.state, extract.answered_by, extract.answered_at = rules.ANSWERED, by.post, clock.now()
    extract.result, extract.answer = result, text
    session.flush()
    _record(session, extract, events.ExtractAnsweredV1, result=result, answered_at=extract.answered_at)
    tell_issuer(session, extract)
    return extract


def recall(session: Session, extract_id: UUID, *, reason: str, by: Viewer, version: int) -> Extract:
    """Take an extract back: the agency sees nothing of it from now on. Raises OutOfOrder."""
    extract = _of_version(session, extract_id, by, version, *rules.WITH_AGENCY)
    return _end(session, extract, rules.RECALLED, by=by.post, reason=reason)


def recall_from(session: Session, petition_id: UUID, agencies: set[str] | None, reason: str, by: str) -> None:
    """Take back what some agencies (None: all) have of a petition, and drop the drafts for them."""
    of_petition = select(Extract).where(Extract.petition_id == petition_id)
    if agencies is not None:
        of_petition = of_petition.where(Extract.agency.in_(agencies))
    for extract in session.scalars(of_petition).all():
        if extract.state == rules.DRAFT:
            session.delete(extract)
        elif extract.state not in rules.ENDED:
            _end(session, extract, rules.RECALLED, by=by, reason=reason)
    session.flush()


def expire(session: Session) -> int:
    """End a portion of the extracts whose last day is over; returns how many."""
    over = select(Extract).where(Extract.state.not_in(rules.ENDED), Extract.expires_on < clock.today())
    found = session.scalars(over.order_by(Extract.expires_on).limit(PORTION).with_for_update()).all()
    for extract in found:
        if extract.state == rules.DRAFT:
            session.delete(extract)
        else:
            _end(session, extract, rules.EXPIRED, by=TIMER)
    session.flush()
    return len(found)


def _end(session: Session, extract: Extract, state: str, *, by: str, reason: str | None = None) -> Extract:
    extract.state, extract.ended_at, extract.ended_by = state, clock.now(), by
    extract.recalled_for = reason
    extract.content = extract.summary = extract.asked = extract.answer = None
    session.flush()
    _record(
        session,
        extract,
        events.ExtractEndedV1,
        reason=reason or "expired",
        ended_at=extract.ended_at,
    )
    return extract


def _record(session: Session, extract: Extract, schema: type[EventSchema], **data: Any) -> None:
    record(session, schema, subject=extract.id, extract_id=extract.id, agency=extract.agency, **data)


def _of_version(session: Session, extract_id: UUID, by: Viewer, version: int, *states: str) -> Extract:
    extract = queries.extract_for(session, by, extract_id)
    rules.check_state(extract.state, *states)
    check_version(extract, version)
    return extract


def _check_agency(session: Session, matter: Matter, agency: str) -> None:
    """条例 30: never to whom it complains of."""
    unit = session.get(Unit, agency)
    if unit is None or unit.kind != "agency" or agency in excluded_units(session, matter.petition_id):
        raise Invalid(N_("This cannot go to that unit. Choose an agency of the list."), field="agency")


def _content(session: Session, matter: Matter, parts: Sequence[str]) -> dict[str, Any]:
    """What the agency may read: codes and days, as they are now."""
    charge = session.get(InCharge, matter.petition_id)
    known = {
        "category": matter.category,
        "procedure": matter.procedure,
        "township": matter.township,
        "content_class": matter.content_class,
        "received_on": matter.received_on.isoformat(),
        "in_charge": charge.leader if charge else None,
        "outcome": matter.outcome,
    }
    return {name: known[name] for name in parts}
