"""Slows down whoever tries out query codes, without knowing who it is: no address is looked at or kept.

Wrong answers cost a token of a common bucket and one of the bucket of the code's first signs (somebody
who has seen part of a code); an empty bucket delays the answer. Right codes never wait. A code has 78
bits, so that this protects the machine more than the codes: few may wait at once, since each waiting
answer holds a thread.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from shared import clock

PREFIX = 4
FREE_TRIES = 20  # wrong codes a minute, of everybody together, before answers slow down
FREE_TRIES_OF_PREFIX = 5
PREFIXES_KEPT = 1000
LONGEST_DELAY = 2.0  # seconds
MOST_WAITING = 3  # of the 8 threads of a process


@dataclass
class Bucket:
    """Tokens that come back evenly over a minute."""

    size: int
    tokens: float
    at: datetime

    def take(self, now: datetime) -> float:
        """Take a token; returns how many seconds it was missing by, 0 where there was one."""
        per_second = self.size / 60
        passed = max((now - self.at).total_seconds(), 0)
        # It may go below nothing, so that who goes on waits longer; but it recovers within a minute.
        self.tokens = max(min(self.size, self.tokens + passed * per_second) - 1, -self.size)
        self.at = now
        return max(-self.tokens / per_second, 0)


class Limiter:
    """The buckets of one process."""

    def __init__(self, pause: Callable[[float], None] = time.sleep) -> None:
        self._pause = pause
        self._lock = threading.Lock()
        self._common = _full(FREE_TRIES)
        self._by_prefix: OrderedDict[str, Bucket] = OrderedDict()
        self._waiting = 0

    def wrong(self, code: str) -> None:
        """Count a wrong code, as `plain_code` made it, and hold the answer up where there were many."""
        with self._seat() as has_seat:
            delay = self.delay_for(code)
            if delay and has_seat:
                self._pause(delay)

    def delay_for(self, code: str) -> float:
        """Count a wrong code; returns for how many seconds its answer is to be held up."""
        with self._lock:
            now = clock.now()
            short = max(self._common.take(now), self._bucket(code[:PREFIX]).take(now))
            return min(short, LONGEST_DELAY)

    def _bucket(self, prefix: str) -> Bucket:
        bucket = self._by_prefix.setdefault(prefix, _full(FREE_TRIES_OF_PREFIX))
        self._by_prefix.move_to_end(prefix)
        if len(self._by_prefix) > PREFIXES_KEPT:
            self._by_prefix.popitem(last=False)
        return bucket

    @contextmanager
    def _seat(self) -> Iterator[bool]:
        with self._lock:
            has_seat = self._waiting < MOST_WAITING
            self._waiting += has_seat
        try:
            yield has_seat
        finally:
            with self._lock:
                self._waiting -= has_seat


def _full(size: int) -> Bucket:
    return Bucket(size, size, clock.now())
