"""Which e-mails were given up, and how many are on their way."""

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from services.notify.delivery.models import Digest
from services.notify.delivery.rules import State


def failed() -> Select[Digest]:
    """E-mails given up after all their tries; they have a `failed_key`."""
    return select(Digest).where(Digest.state == State.FAILED)


def counts(session: Session) -> dict[str, int]:
    """How many are on their way (`waiting`) and given up (`failed`)."""
    wanted = (State.WAITING, State.FAILED)
    rows = session.execute(
        select(Digest.state, func.count()).where(Digest.state.in_(wanted)).group_by(Digest.state)
    )
    found = {state: count for state, count in rows}  # noqa: C416 (a Result is no mapping)
    return {state.value: found.get(state, 0) for state in wanted}
