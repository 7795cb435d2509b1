"""Ends what has reached its last day; what it said goes with it."""

from services.notify.network.commands import PORTION, expire
from shared.runtime.service import Instance


def end_expired(instance: Instance) -> bool:
    """One portion; whether more may wait."""
    with instance.db.write() as session:
        return expire(session) == PORTION
