"""Changing the roster: checked as a whole, kept with its history, announced per township."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from services.assignment.roster import queries
from services.assignment.roster.models import Roster, RosterEntry, StandIn, Township, Unit
from services.assignment.roster.rules import Absence, Span, changed, check_absence
from shared import clock
from shared.calendar import ONE_DAY
from shared.contracts.assignment import SEATS, RosterChangedV1
from shared.county import County
from shared.db.outbox import record
from shared.errors import N_, Invalid, NotFound, OutOfOrder
from shared.identity.roles import Viewer
from shared.web.versions import check_version


def change_roster(
    session: Session, new: Sequence[Span], *, by: Viewer, version: int
) -> Sequence[RosterEntry]:
    """Put new lines into the roster and record `roster.changed` for each.

    Raises Invalid where a code is unknown or the roster would have a gap, an overlap or a leader without
    a township; Changed where the roster is no longer the one of `version`.
    """
    _lock(session, version)
    _check_codes(session, new)
    rows = {
        (row.township, row.valid_from): row
        for row in session.scalars(select(RosterEntry).where(RosterEntry.replaced_at.is_(None)))
    }
    leaders = queries.units_of_kind(session, "leader")
    after = changed([_span(row) for row in rows.values()], new, leaders=leaders, today=clock.today())
    now = clock.now()
    for span in new:
        if replaced := rows.pop((span.township, span.valid_from), None):
            replaced.replaced_at = now
    session.flush()
    ends = {(span.township, span.valid_from): span.valid_until for span in after}
    for key, row in rows.items():
        row.valid_until = ends[key]
    made = [_entry(span, ends[span.township, span.valid_from], by.post) for span in new]
    session.add_all(made)
    for span in new:
        _announce(session, span)
    session.flush()
    return made


@dataclass(frozen=True)
class Recorded:
    """A stand-in with the version that the roster has now."""

    stand_in: StandIn
    version: int


def record_stand_in(session: Session, new: Absence, *, by: Viewer, version: int) -> Recorded:
    """Let a leader act in the cases of an absent one. The cases stay the absent leader's own."""
    roster = _lock(session, version)
    leaders = queries.units_of_kind(session, "leader")
    for field in ("leader", "stand_in"):
        if getattr(new, field) not in leaders:
            raise Invalid(N_("There is no such leader. Choose one from the list."), field=field)
    today = clock.today()
    known = [
        Absence(s.leader, s.stand_in, s.valid_from, s.valid_until)
        for s in queries.stand_ins(session, ending_from=today)
    ]
    check_absence(new, known, today)
    row = StandIn(
        id=uuid4(),
        leader=new.leader,
        stand_in=new.stand_in,
        valid_from=new.valid_from,
        valid_until=new.valid_until,
        recorded_by=by.post,
        recorded_at=clock.now(),
    )
    session.add(row)
    session.flush()
    return Recorded(row, roster.version)


def end_stand_in(session: Session, stand_in_id: UUID, *, version: int) -> Recorded:
    """End a stand-in today: from now on the leader acts alone again. Raises OutOfOrder when it is over."""
    roster = _lock(session, version)
    row = session.get(StandIn, stand_in_id)
    if row is None:
        raise NotFound(N_("There is no such stand-in. Look it up in the list of stand-ins."))
    today = clock.today()
    if row.valid_until < today:
        raise OutOfOrder(N_("This stand-in is over already."))
    row.valid_until = today - ONE_DAY
    session.flush()
    return Recorded(row, roster.version)


def load_county(session: Session, county: County) -> None:
    """Know the county's units and townships, and begin with its roster. Safe to repeat."""
    for unit in county.units:
        session.merge(Unit(code=unit.code, kind=unit.kind))
    for township in county.townships:
        session.merge(Township(code=township.code, zone=township.zone))
    if session.get(Roster, queries.THE_ROSTER) is None:
        session.add(Roster(id=queries.THE_ROSTER, changed_at=clock.now()))
    known = set(session.scalars(select(RosterEntry.township)))
    for line in county.roster:
        if line.township not in known:
            span = Span(line.township, line.leader, line.office, line.team, line.starts_on)
            session.add(_entry(span, None, "county"))
    session.flush()


def _lock(session: Session, version: int) -> Roster:
    roster = session.get_one(Roster, queries.THE_ROSTER, with_for_update=True)
    check_version(roster, version)
    roster.changed_at = clock.now()
    flag_modified(roster, "changed_at")  # two changes in one moment are two versions
    session.flush()
    return roster


def _check_codes(session: Session, new: Sequence[Span]) -> None:
    if len({(span.township, span.valid_from) for span in new}) < len(new):
        raise Invalid(N_("A township is named twice for the same first day. Keep one."), field="entries")
    wrong: dict[str, list[str]] = {}
    for place, span in enumerate(new):
        if session.get(Township, span.township) is None:
            message = N_("There is no such township in this county. Choose one from the list.")
            wrong[f"entries.{place}.township"] = [message]
        for seat in SEATS:
            if not queries.is_kind(session, getattr(span, seat), seat):
                wrong[f"entries.{place}.{seat}"] = [N_("There is no such unit of this kind. Choose another.")]
    if wrong:
        raise Invalid(N_("Mend the fields that are named and send it again."), fields=wrong)


def _span(row: RosterEntry) -> Span:
    return Span(row.township, row.leader, row.office, row.team, row.valid_from, row.valid_until)


def _entry(span: Span, valid_until: date | None, by: str) -> RosterEntry:
    return RosterEntry(
        id=uuid4(),
        township=span.township,
        leader=span.leader,
        office=span.office,
        team=span.team,
        valid_from=span.valid_from,
        valid_until=valid_until,
        decided_by=by,
        decided_at=clock.now(),
    )


def _announce(session: Session, span: Span) -> None:
    record(
        session,
        RosterChangedV1,
        subject=span.township,
        township=span.township,
        leader=span.leader,
        office=span.office,
        team=span.team,
        valid_from=span.valid_from,
    )
