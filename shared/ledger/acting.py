"""Who acts in this thread, for the ledger: a post, the public, a peer, a timer, a command of the operator.

The edges set it (the web shell, the task loops, the command line); whatever writes to the database below
them need not know. A received event names itself, see `shared.bus.work.run_handlers`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

PUBLIC = "public"  # nobody signed in: the portal, the sign-in
NOBODY = ("process", "start")  # neither a request nor a loop: a process that starts or a test

_acting: ContextVar[tuple[str, str]] = ContextVar("acting", default=NOBODY)


def act_as(actor: str, action: str) -> None:
    """From here on this thread acts as `actor` (a post, `public`, `/<agency>/<service>`, `timer`, `command`).

    `action` is the name of the route, timer or command; both are our own codes, never what somebody typed.
    """
    _acting.set((actor, action))


@contextmanager
def acting_as(actor: str, action: str) -> Iterator[None]:
    """Act so within the block."""
    token = _acting.set((actor, action))
    try:
        yield
    finally:
        _acting.reset(token)


def who_acts() -> tuple[str, str]:
    """Actor and action of this thread."""
    return _acting.get()
