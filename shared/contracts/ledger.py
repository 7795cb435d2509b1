"""The event that every service says of its ledger: its signed head. Partners keep it too, and may compare."""

from shared.contracts import fields as f
from shared.contracts.registry import EventSchema, event

ALGORITHMS = ("sha256", "sm3")


def ledger_signed(owner: str) -> type[EventSchema]:
    """Declare the event for a service."""

    class LedgerSignedV1(EventSchema):
        """How far the ledger of this service has come: its last entry, signed with the service's key."""

        position = f.count("The place of the entry in the chain, from 1 on")
        hash = f.digest("The entry's hash, which covers all entries before it")
        algorithm = f.choice("Of the hash", ALGORITHMS)
        signature = f.signature(
            "Ed25519 over the canonical JSON of [source, position, algorithm, hash, signed_at], in base64"
        )
        signed_at = f.moment("When; in UTC as it is signed")

    return event("ledger.signed", version=1, owner=owner, audience="partners")(LedgerSignedV1)
