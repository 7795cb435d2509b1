"""A service as it is run by `huajie worker`, whose handlers write the row that the peers write too.

Run with BROKER, DATABASE (a URL of SQLAlchemy) and KEYS (a folder) in the environment; ends with SIGTERM.
"""

import os
import signal
import threading
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from sqlalchemy import MetaData, String
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from shared import clock
from shared.bus.handlers import Event, handles
from shared.contracts.notify import ExtractReadV1, NoticeFailedV1
from shared.contracts.supervision import ClockWarnedV1
from shared.db.base import TYPES, SharedBase
from shared.db.outbox import record
from shared.runtime.loops import Loops
from shared.runtime.service import Instance, Service
from tests.ground import settings_for


class Base(DeclarativeBase):
    metadata = MetaData()
    type_annotation_map = TYPES


class BenchRow(Base):
    """When a message was sent, and by whom; PostgreSQL knows when the row was committed."""

    __tablename__ = "bench_row"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    sent_at: Mapped[datetime]
    agency: Mapped[str] = mapped_column(String(32), server_default="local")


@handles(ClockWarnedV1, uses=("clock_id",))
def on_own_event(event: Event, session: Session) -> None:
    _write_a_row(event, session)


@handles(ExtractReadV1, uses=("extract_id",))
def on_event_of_a_partner(event: Event, session: Session) -> None:
    _write_a_row(event, session)


def _write_a_row(event: Event, session: Session) -> None:
    """The row, and an event that says so: what the peers do not do."""
    sent = event.envelope
    session.add(BenchRow(id=sent.id, sent_at=sent.occurred_at, agency=sent.agency))
    record(
        session,
        NoticeFailedV1,
        uuid4(),
        notice_id=uuid4(),
        recipient="office-1",
        channel="email",
        attempts=1,
        failed_at=clock.now(),
    )


SERVICE = Service(
    "notify",
    "notify",
    "services.notify",
    (NoticeFailedV1,),
    (on_own_event, on_event_of_a_partner),
    Base.metadata,
    blueprints=tuple,
)


def create_tables(instance: Instance) -> None:
    """What a migration would make."""
    for metadata in (Base.metadata, SharedBase.metadata):
        metadata.create_all(instance.db.engine)


def main() -> None:
    settings = settings_for(
        Path(),
        database_url=os.environ["DATABASE"],
        bus_url=os.environ["BROKER"],
        keys_dir=Path(os.environ["KEYS"]),
        peers={"supervision": "http://127.0.0.1:9"},  # nobody: all comes by the bus
    )
    loops = Loops(Instance(SERVICE, settings))
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    loops.start()
    stop.wait()
    loops.stop()


if __name__ == "__main__":
    main()
