"""Whether all services are of one moment: none has heard of what its producer does not know."""

from sqlalchemy import select

from shared.db.inbox import Inbox
from shared.db.outbox import Outbox
from tests.ground import Ground


def check_one_moment(ground: Ground) -> int:
    """Raises AssertionError where an inbox holds an event that no outbox gave; returns how many are held."""
    given: set[str] = set()
    for instance in ground.composed.instances.values():
        with instance.db.read() as session:
            given |= set(session.scalars(select(Outbox.id).where(Outbox.position.is_not(None))))
    held: set[str] = set()
    for instance in ground.composed.instances.values():
        with instance.db.read() as session:
            held |= set(session.scalars(select(Inbox.id)))
    assert held <= given, f"{len(held - given)} events are known to a hearer and not to who said them"
    return len(held)
