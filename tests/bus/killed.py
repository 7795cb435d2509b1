"""A consumer that kills itself (-9) at a chosen moment: `python -m tests.bus.killed BUS DATABASE MOMENT`."""

import os
import signal
import sys
import threading

from sqlalchemy.orm import Session

from shared.bus.consumer import BusConsumer
from shared.contracts.intake import PetitionRegisteredV1
from shared.contracts.registry import contract_of
from shared.db.engine import Database


class Mortal(Database):
    """Dies at its first commit, before or right after it."""

    moment = ""

    def commit(self, session: Session) -> None:
        if self.moment == "between commit and ack":
            super().commit(session)
        os.kill(os.getpid(), signal.SIGKILL)


def main(bus: str, database: str, moment: str) -> None:
    db = Mortal(database, agency="local")
    db.moment = moment
    consumer = BusConsumer(
        bus,
        db,
        agency="local",
        service="listener",
        bindings=[contract_of(PetitionRegisteredV1).binding_for("local")],
        received=lambda: None,
        revived=lambda: None,
    )
    consumer.run_until(threading.Event())


if __name__ == "__main__":
    main(*sys.argv[1:])
