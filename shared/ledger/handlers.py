"""Hears the heads of the other services' ledgers, of this and of other agencies."""

from sqlalchemy.orm import Session

from shared import clock
from shared.bus.handlers import Event, Handler, handles
from shared.contracts import registry
from shared.ledger.gather import GATHERING
from shared.ledger.heads import keep
from shared.ledger.models import LedgerHead

USES = ("position", "hash", "algorithm", "signature", "signed_at")


def hear_ledgers(service: str) -> tuple[Handler, ...]:
    """The handlers of a service for the heads of all others."""
    signed = [c for c in registry.all_contracts() if c.name == "ledger.signed" and c.owner != service]
    return tuple(handles(contract.schema, uses=USES)(_on_ledger_signed) for contract in signed)


def _on_ledger_signed(event: Event, session: Session) -> None:
    head = LedgerHead(
        event_id=event.id,
        source=event.envelope.source,
        position=event["position"],
        algorithm=event["algorithm"],
        hash=event["hash"],
        signature=event["signature"],
        signed_at=event["signed_at"],
        heard_at=clock.now(),
    )
    gathering = session.info.get(GATHERING)
    keep(session, head, gathering.digests.keys if gathering else None)
