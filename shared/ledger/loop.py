"""The worker's loop for the ledger: chains what was written, signs and publishes the head.

One worker per service does it at a time.
"""

import threading

from shared.db.engine import Database
from shared.ledger import heads
from shared.ledger.chain import is_waiting, seal
from shared.ledger.digests import Digests

SECONDS = 1.0


class LedgerLoop:
    """Chains and signs the ledger of one service."""

    def __init__(self, db: Database, digests: Digests, service: str) -> None:
        self._db = db
        self._digests = digests
        self._turn = f"ledger-{service}"

    def run_until(self, stop: threading.Event) -> None:
        """Chain every second; sign the head every 10 minutes, and once more at the end."""
        while not stop.is_set():
            while self.step() and not stop.is_set():
                pass
            stop.wait(SECONDS)
        self.finish()

    def finish(self) -> None:
        """Chain all that waits and sign the head now."""
        while self.step():
            pass
        self.sign(at_once=True)

    def step(self) -> bool:
        """Chain one portion, or sign the head where all is chained; whether more waits."""
        with self._db.read() as session:
            waits = is_waiting(session)
        if not waits:
            self.sign()
            return False
        with self._db.write(recorded=False) as session:
            return self._db.takes_turn(session, self._turn) and seal(session) > 0

    def sign(self, *, at_once: bool = False) -> None:
        """Sign and publish the head where it is due."""
        with self._db.read() as session:
            if not heads.is_due(session, self._digests.keys.source, at_once=at_once):
                return
        with self._db.write(recorded=False) as session:
            if self._db.takes_turn(session, self._turn):
                heads.sign_head(session, self._digests.keys, self._digests.algorithm, at_once=at_once)
