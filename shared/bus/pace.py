"""Lets each loop rest after a batch, so that under load what comes meanwhile is done together.

A batch of ten costs little more than one of one. The busier the machine, the longer a batch takes and the
longer the rest: what is done at a time grows until it can be borne. Who has nothing to do rests as well, and
what comes after that is taken up at once.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

SHARE = 1.0  # of the time that a batch took
LONGEST = 0.1  # seconds


@contextmanager
def at_a_pace(stop: threading.Event) -> Iterator[None]:
    """Do what stands inside, then rest in proportion; not once `stop` is set."""
    began = time.monotonic()
    yield
    stop.wait(min(LONGEST, SHARE * (time.monotonic() - began)))
