"""Registering petitions: the row, the sealed identity, the code and the event, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from services.intake.identities import store
from services.intake.identities.vault import Vault
from services.intake.registration.codes import has_code, issue_code, revoke_codes
from services.intake.registration.models import Petition
from services.intake.registration.rules import NewPetition, check_new, units_complained_of
from services.intake.screening.rules import State
from shared import clock
from shared.contracts.intake import PetitionRegisteredV1
from shared.county import County
from shared.db.numbers import next_numbers
from shared.db.outbox import record
from shared.errors import N_, OutOfOrder
from shared.identity.recusal import exclude

SERIES = "ZX"
_THESE = select(Petition).where(Petition.id.in_(bindparam("ids", expanding=True)))


@dataclass(frozen=True)
class Registered:
    """A registered petition; `code` is None where no code was asked for or it was shown before."""

    petition: Petition
    code: str | None
    is_new: bool = True


def register(
    session: Session, new: NewPetition, *, by: str, county: County, vault: Vault, with_code: bool = True
) -> Registered:
    """Register one petition: see `register_many`."""
    return register_many(session, [new], by=by, county=county, vault=vault, with_code=with_code)[0]


def register_many(
    session: Session,
    news: Sequence[NewPetition],
    *,
    by: str,
    county: County,
    vault: Vault,
    with_code: bool = True,
) -> list[Registered]:
    """Register petitions in their order and record `petition.registered` for each. `by`: a post, or `portal`.

    Raises Invalid naming the fields of the first that is wrong. With a `petition_id` that is known already
    nothing is registered twice: the first one comes back, without its code; OutOfOrder where somebody else
    entered it. Unavailable where the master key is missing.
    """
    known = _known(session, news, by)
    today = clock.today()
    fresh = [new for new in news if new.petition_id not in known]
    for new in fresh:
        check_new(new, county, today)
    numbers = next_numbers(session, SERIES, today.year, len(fresh))
    made = [_petition(new, number, by) for new, number in zip(fresh, numbers, strict=True)]
    session.add_all(made)
    session.flush()
    done = iter(
        [_complete(session, n, p, county, vault, with_code) for n, p in zip(fresh, made, strict=True)]
    )
    return [
        Registered(known[new.petition_id], None, is_new=False) if new.petition_id in known else next(done)
        for new in news
    ]


def issue_code_later(session: Session, petition: Petition, vault: Vault, *, lost: bool = False) -> str:
    """The first query code of a petition that was registered without one, or another where it was lost.

    Of a lost one nothing is left that opens. Raises OutOfOrder where there is one and it was not lost.
    """
    if lost:
        revoke_codes(session, petition.id)
    elif has_code(session, petition.id):
        raise OutOfOrder(N_("This petition has a query code already; it was shown once and cannot be again."))
    return issue_code(session, petition.id, vault.hashes(session))


def _known(session: Session, news: Sequence[NewPetition], by: str) -> dict[UUID | None, Petition]:
    ids = [new.petition_id for new in news if new.petition_id]
    if not ids:
        return {}
    found = session.scalars(_THESE, {"ids": ids}).all()
    if any(petition.registered_by != by for petition in found):
        raise OutOfOrder(N_("This petition_id belongs to another petition. Choose a new one, at random."))
    return {petition.id: petition for petition in found}


def _petition(new: NewPetition, number: str, by: str) -> Petition:
    petition = Petition(
        id=new.petition_id or uuid4(),
        number=number,
        state=State.REGISTERED,
        channel=new.channel,
        organ=new.organ,
        signature=new.signature,
        title=new.title_or_beginning,
        text=new.text,
        township=new.township or None,
        place=new.place or None,
        content_class=new.content_class or None,
        complained_of=new.complained_of or None,
        petitioner_count=new.petitioner_count,
        representative_count=len(new.people) if new.is_joint else 0,
        superior_assigned=new.superior_assigned or new.channel == "assigned",
        source_number=new.source_number or None,
        publicity_consent=new.publicity_consent,
        received_on=new.received_on,
        registered_at=clock.now(),
        registered_by=by,
    )
    petition.place_in_lists()
    return petition


def _complete(
    session: Session, new: NewPetition, petition: Petition, county: County, vault: Vault, with_code: bool
) -> Registered:
    store.seal(session, petition.id, new.people, vault)
    excluded = units_complained_of(new, county)
    if excluded:
        exclude(session, petition.id, excluded)
    code = issue_code(session, petition.id, vault.hashes(session)) if with_code else None
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
        excluded=sorted(excluded) or None,
        received_on=petition.received_on,
        registered_at=petition.registered_at,
    )
    return Registered(petition, code)
