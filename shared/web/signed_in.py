"""Whose a session is: a look into the own database at the sign-in service, elsewhere a question to it.

What it answers is kept for a minute, and for ten where it does not answer: then nobody is put out who was
in, and nobody is let in who was not. Kept by the hash of a token, never by the token.
"""

import logging
import threading
from collections import OrderedDict
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx

from shared import clock
from shared.errors import N_, Unavailable
from shared.identity.accounts import holder_of, viewer_of
from shared.identity.roles import Viewer
from shared.identity.sessions import is_to_be_noted, note_use, token_hash
from shared.runtime.peers import peer_client
from shared.runtime.service import Instance

log = logging.getLogger(__name__)
FRESH = timedelta(seconds=60)
KEPT = timedelta(minutes=10)  # while the sign-in service does not answer
MOST = 10_000  # sessions; the one not used for longest goes first
SECONDS = 5.0
AWAY = N_("Sign-in cannot be reached now. Nothing was changed; try again in a minute.")


@dataclass(frozen=True)
class _Answer:
    post: str | None  # None: no such session, or over
    ends_at: datetime | None
    asked_at: datetime

    def is_younger_than(self, age: timedelta) -> bool:
        return timedelta(0) <= clock.now() - self.asked_at < age

    @property
    def holder(self) -> str | None:
        return self.post if self.ends_at and clock.now() < self.ends_at else None


class SignedIn:
    """The sessions as one web process sees them."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._known: OrderedDict[str, _Answer] = OrderedDict()
        self._lock = threading.Lock()

    def viewer(self, token: str) -> Viewer | None:
        """Who holds a token; None where it is over, or the county has the post no more.

        Raises Unavailable where the sign-in service does not answer and the token is not known here.
        """
        hash_ = token_hash(token)
        if hash_ is None:
            return None
        # In a transaction of its own: on SQLite the request's would keep writers waiting for a slow body.
        if not self._instance.keeps_sign_in:
            post = self._ask(hash_, token)
            if post is None:
                return None
            with self._instance.db.glance() as reading:
                return viewer_of(reading, post)
        with self._instance.db.glance() as reading:
            found = holder_of(reading, hash_)
        if found is None:
            return None
        viewer, session = found
        if is_to_be_noted(session):
            with self._instance.db.write() as writing:
                note_use(writing, hash_)
        return viewer

    def forget(self, token: str) -> None:
        """Ask anew for a token that was ended from here."""
        with self._lock:
            self._known.pop(token_hash(token) or "", None)

    def _ask(self, hash_: str, token: str) -> str | None:
        with self._lock:
            known = self._known.get(hash_)
        if known and known.is_younger_than(FRESH):
            return known.holder
        try:
            answer = self._introspect(token)
        except (httpx.HTTPError, KeyError, ValueError) as error:
            if known and known.is_younger_than(KEPT):
                return known.holder
            log.error("sign-in service not reachable", extra={"error": type(error).__name__})
            raise Unavailable(AWAY) from error
        with self._lock:
            self._known[hash_] = answer
            self._known.move_to_end(hash_)
            while len(self._known) > MOST:
                self._known.popitem(last=False)
        return answer.holder

    def _introspect(self, token: str) -> _Answer:
        at = self._instance.settings.sign_in_at
        with closing(peer_client(self._instance, at, seconds=SECONDS)) as client:
            answer = client.post("/api/introspection", data={"token": token}).raise_for_status().json()
        if not answer["active"]:
            return _Answer(None, None, clock.now())
        return _Answer(answer["username"], datetime.fromisoformat(answer["ends_at"]), clock.now())
