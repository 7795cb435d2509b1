"""Registering a petition: the row, the sealed identity, the code and the event, in one transaction."""

from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.intake.identities import store
from services.intake.registration.codes import issue_code
from services.intake.registration.models import NumberSeries, Petition
from services.intake.registration.rules import NewPetition, State, check_new
from shared import clock
from shared.contracts.intake import PetitionRegisteredV1
from shared.county import County
from shared.db.outbox import record


@dataclass(frozen=True)
class Registered:
    """A registered petition; `code` is None where no code was asked for or it was shown before."""

    petition: Petition
    code: str | None
    is_new: bool = True


def register(
    session: Session, new: NewPetition, *, by: str, county: County, secret: str, with_code: bool = True
) -> Registered:
    """Register a petition and record `petition.registered`. `by` is the post, or `portal`.

    Raises Invalid naming the fields. With a `petition_id` that is known already nothing is registered
    twice: the first one comes back, without its code.
    """
    if new.petition_id and (known := session.get(Petition, new.petition_id)):
        return Registered(known, None, is_new=False)
    check_new(new, county, clock.today())
    now = clock.now()
    petition = Petition(
        id=new.petition_id or uuid4(),
        number=next_number(session, clock.local_date(now).year),
        state=State.REGISTERED,
        channel=new.channel,
        organ=new.organ,
        signature=new.signature,
        title=new.title_or_beginning,
        text=new.text,
        township=new.township,
        place=new.place,
        content_class=new.content_class,
        complained_of=new.complained_of,
        petitioner_count=new.petitioner_count,
        superior_assigned=new.superior_assigned or new.channel == "assigned",
        source_number=new.source_number,
        received_on=new.received_on,
        registered_at=now,
        registered_by=by,
    )
    session.add(petition)
    session.flush()
    if new.person:
        store.seal(session, petition.id, new.person, secret)
    code = issue_code(session, petition.id, secret) if with_code else None
    _announce(session, petition)
    return Registered(petition, code)


def next_number(session: Session, year: int) -> str:
    """The next number of a year, e.g. ZX2026-000123; none is skipped and none given twice."""
    series = session.scalar(select(NumberSeries).where(NumberSeries.year == year).with_for_update())
    if series is None:
        series = NumberSeries(year=year, last=0)
        session.add(series)
    series.last += 1
    session.flush()
    return f"ZX{year}-{series.last:06d}"


def _announce(session: Session, petition: Petition) -> None:
    record(
        session,
        PetitionRegisteredV1,
        subject=petition.id,
        petition_id=petition.id,
        number=petition.number,
        channel=petition.channel,
        organ=petition.organ,
        signature=petition.signature,
        township=petition.township,
        content_class=petition.content_class,
        superior_assigned=petition.superior_assigned,
        received_on=petition.received_on,
        registered_at=petition.registered_at,
    )
