"""Everything that happened to a petition as intake knows it, the newest first."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from flask_babel import format_date
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.intake.first_reading.queries import instructions_on, reading_of
from services.intake.messages.queries import messages_on
from services.intake.petitioner_requests.queries import requests_for
from services.intake.portal.models import Rating
from services.intake.progress.queries import steps_of
from services.intake.registration.codes import issued_on
from services.intake.registration.models import Petition
from services.intake.screening.queries import decisions_on
from services.intake.screening.rules import Step
from services.intake.transfers.queries import transfers_on
from services.intake.transfers.rules import TransferState
from shared import clock
from shared.county import County
from shared.identity.roles import Viewer
from shared.web.names import label, post_name, unit_name

IN_THE_PORTAL = "portal"
AT_REGISTRATION = timedelta(minutes=1)  # a code issued later took a lost one's place, or came after an import
HAPPENED_BY_STEP = {
    Step.ACCEPT: "accepted",
    Step.DECLINE: "declined",
    Step.TRANSFER: "transferred",
    Step.SEND_BACK: "sent_back",
}


@dataclass(frozen=True)
class Entry:
    """A line of the timeline. `at`: a moment, or a day where no more is known."""

    at: date | datetime
    title: str
    by: str = ""
    text: str = ""
    href: str = ""


def timeline(session: Session, petition: Petition, viewer: Viewer, county: County) -> list[Entry]:
    """All that a viewer may see of what happened. Of messages it tells only that they were written."""
    of_petition: Iterable[Callable[[Session, UUID], Iterator[Entry]]] = (
        _decisions,
        _transfers,
        _first_reading,
        _progress,
        _ratings,
        _messages,
    )
    entries = [*_registration(session, petition), *_requests(session, petition.id, viewer, county)]
    for part in of_petition:
        entries.extend(part(session, petition.id))
    return sorted(entries, key=lambda entry: _moment(entry.at), reverse=True)


def _registration(session: Session, petition: Petition) -> Iterator[Entry]:
    by = _("in the portal") if petition.registered_by == IN_THE_PORTAL else post_name(petition.registered_by)
    yield Entry(petition.registered_at, _happened("registered"), by, label(petition.channel, "channel"))
    issued = issued_on(session, petition.id)
    if issued and issued - petition.registered_at > AT_REGISTRATION:
        yield Entry(issued, _happened("code_issued"))


def _decisions(session: Session, petition_id: UUID) -> Iterator[Entry]:
    for decision in decisions_on(session, petition_id):
        step = Step(decision.step)
        said = [
            label(decision.category, "category") if decision.category else "",
            label(decision.procedure, "procedure") if decision.procedure else "",
            unit_name(decision.to_agency) if step is Step.TRANSFER else "",
            _reason(step, decision.reason),
        ]
        text = "\n".join(filter(None, (" · ".join(filter(None, said)), decision.note)))
        by = unit_name(decision.to_agency) if step is Step.SEND_BACK else post_name(decision.by)
        yield Entry(decision.at, _happened(HAPPENED_BY_STEP[step]), by, text)


def _reason(step: Step, reason: str | None) -> str:
    if not reason:
        return ""
    return label(reason, "return_reason" if step is Step.SEND_BACK else "decline_reason")


def _transfers(session: Session, petition_id: UUID) -> Iterator[Entry]:
    for transfer in transfers_on(session, petition_id):
        if transfer.state == TransferState.SIGNED and transfer.answered_at:
            yield Entry(transfer.answered_at, _happened("signed"), unit_name(transfer.to_agency))


def _first_reading(session: Session, petition_id: UUID) -> Iterator[Entry]:
    if reading := reading_of(session, petition_id):
        by = _by(reading.read_by, on_delegation=reading.delegation_id is not None)
        yield Entry(reading.read_at, _happened("read"), by)
    for signed in instructions_on(session, petition_id):
        head = _("To %(unit)s", unit=unit_name(signed.addressee))
        due = _("due %(day)s", day=_day(signed.due_on)) if signed.due_on else ""
        by = _by(signed.signed_by, on_delegation=signed.delegation_id is not None)
        text = " · ".join(filter(None, (head, due))) + f"\n{signed.text}"
        yield Entry(signed.signed_at, _happened("amended" if signed.amends else "instructed"), by, text)


def _progress(session: Session, petition_id: UUID) -> Iterator[Entry]:
    for step in steps_of(session, petition_id):
        same_day = clock.local_date(step.at) == step.on
        yield Entry(step.at if same_day else step.on, _happened(step.kind))


def _ratings(session: Session, petition_id: UUID) -> Iterator[Entry]:
    for given in session.scalars(select(Rating).where(Rating.petition_id == petition_id)):
        yield Entry(given.rated_at, _happened("rated"), text=label(given.rating, "rating"))


def _messages(session: Session, petition_id: UUID) -> Iterator[Entry]:
    for message in messages_on(session, petition_id):
        if message.from_petitioner:
            yield Entry(message.sent_at, _("Message of the petitioner"), href="#messages")
        else:
            yield Entry(
                message.sent_at, _("Message to the petitioner"), post_name(message.by), href="#messages"
            )


def _requests(session: Session, petition_id: UUID, viewer: Viewer, county: County) -> Iterator[Entry]:
    for request in session.scalars(requests_for(viewer, county, {"petition_id": petition_id})):
        kind = label(request.kind, "request_kind")
        yield Entry(request.made_at, kind, _("petitioner"), request.text)
        if request.answered_at and request.answer:
            title = _("Answered: %(what)s", what=kind)
            yield Entry(request.answered_at, title, post_name(request.answered_by), request.answer)


def _happened(kind: str) -> str:
    return label(kind, "happened")


def _by(post: str, *, on_delegation: bool) -> str:
    name = post_name(post)
    return _("%(post)s, on a delegation", post=name) if on_delegation else name


def _day(day: date) -> str:
    return str(format_date(day, "medium"))


def _moment(at: date | datetime) -> datetime:
    """For sorting: a day stands before the moments of it."""
    if isinstance(at, datetime):
        return at
    return datetime(at.year, at.month, at.day, tzinfo=clock.COUNTY_ZONE)
