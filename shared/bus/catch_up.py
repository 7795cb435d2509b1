"""Fetches from the peers' outboxes what the bus did not bring: on start, after a reconnect, on a timer.

One mechanism for a crash in the one-process mode, an agency that was cut off, a new subscription, a
rebuilt read model, and a broker whose disk was lost. The inbox makes repeats harmless.
"""

import hashlib
import logging
import threading
from contextlib import closing
from typing import Any

import httpx
from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from shared import clock
from shared.contracts.registry import contract_of
from shared.db.cursor import CatchUpCursor
from shared.db.engine import Database
from shared.db.inbox import Arrival, Inbox, receive
from shared.errors import SettingError
from shared.runtime.peers import peer_client
from shared.runtime.service import Instance
from shared.watching.tracing import span

log = logging.getLogger(__name__)
PAGE = 1000
BODIES = 100


class CatchUp:
    """Catch-up of one service with all producers of what it subscribes to."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        service = instance.service
        self._subscribed = set(service.keys)
        self._producers = producers(instance)
        self._digest = hashlib.sha256(" ".join(service.keys).encode()).hexdigest()

    def run_until(self, stop: threading.Event) -> None:
        """Compare now, then whenever woken (a reconnect) and on the timer."""
        while not stop.is_set():
            self.run_once()
            self._instance.catch_up_wake.wait(self._instance.settings.catch_up_seconds)
            self._instance.catch_up_wake.clear()

    def run_once(self) -> dict[str, int | None]:
        """Take what is missing from each producer: how many, or None where it did not answer.

        A partner's is named `/<agency>/<service>`, one of this installation by its service alone.
        """
        return {producer: self._from(producer) for producer in self._producers}

    def _from(self, producer: str) -> int | None:
        taken, failing = 0, None
        try:
            with span("catch-up", peer=producer), closing(peer_client(self._instance, producer)) as client:
                while (page := self._page(client, producer)) is not None:
                    taken += page
        except (httpx.HTTPError, KeyError, ValueError, OSError, SettingError) as error:
            failing = type(error).__name__
            log.warning("catch-up: no answer", extra={"peer": producer, "error": failing})
        self._note(producer, taken, failing)
        if failing:
            return None
        if taken:
            log.info("catch-up brought events", extra={"peer": producer, "count": taken})
            self._instance.work_wake.set()
        return taken

    def _page(self, client: httpx.Client, producer: str) -> int | None:
        """Compare one page of the index and take the difference; None when there is no more."""
        with self._instance.db.read() as session:
            after = self._cursor(session, producer)
        index = _get(client, "/events", {"after": after, "limit": PAGE})
        speaker = producer if producer.startswith("/") else f"/{self._instance.settings.agency}/{producer}"
        entries = [(speaker, str(e["id"])) for e in index["events"]]
        if not entries:
            return None
        wanted = _missing(self._instance.db, entries)
        arrivals = []
        for start in range(0, len(wanted), BODIES):
            bodies = _get(client, "/events/bodies", {"id": wanted[start : start + BODIES]})
            arrivals += [Arrival(str(body).encode(), given_by=speaker) for body in bodies["events"]]
        with self._instance.db.write() as session:
            taken = receive(session, arrivals, self._subscribed, self._instance.keys.public_of)
            session.merge(
                CatchUpCursor(producer=producer, position=int(index["last"]), subscription=self._digest)
            )
        return taken

    def _note(self, producer: str, taken: int, failing: str | None) -> None:
        """Keep for the operator when this producer was asked and how it answered."""
        now = clock.now()
        with self._instance.db.write() as session:
            cursor = session.get(CatchUpCursor, producer)
            if cursor is None:
                cursor = CatchUpCursor(producer=producer, position=0, subscription=self._digest)
                session.add(cursor)
            cursor.asked_at, cursor.failing = now, failing
            if failing is None:
                cursor.answered_at, cursor.brought = now, taken

    def _cursor(self, session: Session, producer: str) -> int:
        cursor = session.get(CatchUpCursor, producer)
        # Another set of events than before: compare from the beginning, the inbox knows what it has.
        return cursor.position if cursor and cursor.subscription == self._digest else 0


def producers(instance: Instance) -> list[str]:
    """Whom a service asks: its peers, and those of partners whose events for partners it handles."""
    service, settings = instance.service, instance.settings
    contracts = [contract_of(schema) for schema in service.subscribes]
    own = {contract.owner for contract in contracts} & set(settings.runs) - {service.name}
    of_partners = {contract.owner for contract in contracts if contract.for_partners}
    names = (name.partition(".") for name in settings.partners)
    return sorted(own) + sorted(f"/{agency}/{owner}" for agency, _dot, owner in names if owner in of_partners)


def _get(client: httpx.Client, path: str, params: dict[str, Any]) -> dict[str, Any]:
    response = client.get(path, params=params)
    response.raise_for_status()
    answer: dict[str, Any] = response.json()
    return answer


def _missing(db: Database, entries: list[tuple[str, str]]) -> list[str]:
    with db.read() as session:
        rows = session.execute(
            select(Inbox.source, Inbox.id).where(tuple_(Inbox.source, Inbox.id).in_(entries))
        )
        known = {(source, id_) for source, id_ in rows}
    return [id_ for source, id_ in entries if (source, id_) not in known]
