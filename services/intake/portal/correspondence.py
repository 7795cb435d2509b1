"""What passed between a petitioner and the offices, as the code shows it: messages, files, requests."""

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from services.intake.attachments.models import PETITIONER
from services.intake.attachments.queries import attachments_on
from services.intake.identities.store import accesses
from services.intake.messages.queries import messages_on
from services.intake.petitioner_requests.models import PetitionerRequest
from services.intake.petitioner_requests.queries import possible_now, requests_on
from services.intake.petitioner_requests.rules import Kind, State
from services.intake.registration.models import Petition

Naming = Callable[[str], dict[str, str]]


def correspondence(session: Session, petition: Petition, named: Naming) -> dict[str, Any]:
    """Messages, files and requests, what may be asked for now, and which posts opened the identity."""
    requests = requests_on(session, petition.id)
    waiting = {Kind(r.kind) for r in requests if r.state == State.OPEN} - {Kind.RETALIATION}
    return {
        "messages": [
            {
                "from_petitioner": message.from_petitioner,
                "by": named(message.by) if message.by else None,
                "text": message.text,
                "sent_at": message.sent_at,
                "is_new": bool(message.by) and message.read_at is None,
                "is_read": message.read_at is not None,
            }
            for message in messages_on(session, petition.id)
        ],
        "attachments": [
            {
                "name": file.name,
                "kind": file.kind,
                "size": file.size,
                "scan": file.scan,
                "from_petitioner": file.by == PETITIONER,
                "added_at": file.added_at,
            }
            for file in attachments_on(session, petition.id)
        ],
        "requests": [_request(request, named) for request in requests],
        "may_ask": sorted(possible_now(session, petition) - waiting),
        "publicity_consent": petition.publicity_consent,
        "identity_opened": [
            named(look.post) | {"at": look.at} for look in accesses(session, petition.id) if look.granted
        ],
    }


def _request(request: PetitionerRequest, named: Naming) -> dict[str, Any]:
    shown = ("kind", "text", "state", "made_at", "due_on", "answer", "answered_at")
    by = named(request.answered_by) if request.answered_by else None
    return {name: getattr(request, name) for name in shown} | {"answered_by": by}
