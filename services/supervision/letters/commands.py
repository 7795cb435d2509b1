"""A supervisor drafts a letter from what is late with a unit, issues it, and notes the answer."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from services.supervision.clocks.models import Clock
from services.supervision.letters import queries, rules, writing
from services.supervision.letters.models import Letter, LetterItem
from shared import clock
from shared.contracts.supervision import LetterIssuedV1
from shared.county import County
from shared.db.numbers import next_number
from shared.db.outbox import record
from shared.documents.measures import document_number
from shared.errors import N_, Invalid
from shared.identity.roles import Viewer
from shared.ledger.gather import note
from shared.web.versions import check_version

SERIES, KIND = "DUHAN", "督函"


def draft(
    session: Session,
    *,
    addressee: str,
    clock_ids: Sequence[UUID],
    reply_by: date,
    demand: str | None,
    county: County,
    by: Viewer,
) -> Letter:
    """Draft a letter to a unit about duties (by clock) that are late with it. Raises Invalid.

    demand: what more is asked, in words that name no person; it goes into the letter.
    """
    if addressee not in {unit.code for unit in county.units}:
        raise Invalid(N_("The county has no such unit. Choose one of the list."), field="addressee")
    id_ = uuid4()
    letter = Letter(
        id=id_,
        list_key=rules.list_key(clock.now(), id_),
        state=rules.DRAFT,
        addressee=addressee,
        drafted_by=by.post,
    )
    _fill(session, letter, clock_ids, reply_by, demand, by)
    session.add(letter)
    session.flush()
    return letter


def change(
    session: Session,
    letter_id: UUID,
    *,
    clock_ids: Sequence[UUID],
    reply_by: date,
    demand: str | None,
    by: Viewer,
    version: int,
) -> Letter:
    """Write a draft anew. Raises OutOfOrder where it was issued, Invalid."""
    letter = _draft(session, letter_id, by, version)
    letter.items.clear()
    session.flush()
    _fill(session, letter, clock_ids, reply_by, demand, by)
    session.flush()
    return letter


def discard(session: Session, letter_id: UUID, *, by: Viewer, version: int) -> None:
    """Throw a draft away. Raises OutOfOrder where it was issued."""
    session.delete(_draft(session, letter_id, by, version))
    session.flush()


def issue(session: Session, letter_id: UUID, *, county: County, by: Viewer, version: int) -> Letter:
    """Number a draft, freeze it as a Word file and record `letter.issued`.

    Raises OutOfOrder where something in it is no longer late, Invalid where its last day has come.
    """
    letter = _draft(session, letter_id, by, version)
    today = clock.today()
    rules.check_reply_by(letter.reply_by, today)
    listed = {item.clock_id for item in letter.items}
    late = {each.id: each for each in queries.late_with(session, by, letter.addressee, among=listed)}
    rules.check_still_late(listed, set(late))
    for item in letter.items:
        item.due_on = late[item.clock_id].due_on
    letter.state, letter.issued_at, letter.issued_by = rules.ISSUED, clock.now(), by.post
    letter.year, letter.serial = today.year, next_number(session, SERIES, today.year)
    letter.number = document_number(f"{county.letterhead.mark}{KIND}", letter.year, letter.serial)
    letter.file = writing.write(letter, letter.number, today, county)
    letter.sha256 = hashlib.sha256(letter.file).hexdigest()
    session.flush()
    note(session, "document.issued", letter.number)
    record(
        session,
        LetterIssuedV1,
        subject=letter.id,
        letter_id=letter.id,
        document_number=letter.number,
        addressee=letter.addressee,
        reply_by=letter.reply_by,
        issued_at=letter.issued_at,
    )
    return letter


def note_reply(
    session: Session, letter_id: UUID, *, replied_on: date, reply: str, by: Viewer, version: int
) -> Letter:
    """Note on which day the unit answered, and what. Raises OutOfOrder, Invalid."""
    letter = queries.letter_for(session, by, letter_id)
    rules.check_open(letter.state)
    check_version(letter, version)
    assert letter.issued_at is not None
    rules.check_replied_on(replied_on, clock.local_date(letter.issued_at), clock.today())
    letter.state, letter.replied_on = rules.REPLIED, replied_on
    letter.reply, letter.reply_noted_by = reply, by.post
    session.flush()
    return letter


def _draft(session: Session, letter_id: UUID, by: Viewer, version: int) -> Letter:
    letter = queries.letter_for(session, by, letter_id)
    rules.check_draft(letter.state)
    check_version(letter, version)
    return letter


def _fill(
    session: Session,
    letter: Letter,
    clock_ids: Iterable[UUID],
    reply_by: date,
    demand: str | None,
    by: Viewer,
) -> None:
    rules.check_reply_by(reply_by, clock.today())
    chosen = set(clock_ids)
    late = queries.late_with(session, by, letter.addressee, among=chosen)
    rules.check_chosen(chosen, {each.id for each in late})
    letter.reply_by, letter.demand = reply_by, demand or None
    letter.items = [_item(each) for each in late]


def _item(late: Clock) -> LetterItem:
    return LetterItem(
        clock_id=late.id,
        petition_id=late.petition_id,
        number=late.number,
        duty=late.duty,
        due_on=late.due_on,
    )
