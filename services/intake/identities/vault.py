"""The keys at work: each petition has its own, wrapped by a master key; one more makes the keyed hashes.

A key is in clear only in the memory of who seals or opens at that moment.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from services.intake.identities.models import IndexKey, MasterKey, PetitionKey
from services.intake.identities.rules import ERASED, Purpose
from shared import clock
from shared.crypto.master import Keyring
from shared.crypto.suites import SUITES, CannotOpen, Suite, unseal
from shared.errors import N_, OutOfOrder, SettingError, Unavailable
from shared.runtime.service import Instance

P = TypeVar("P")
log = logging.getLogger(__name__)
INDEX_PLACE = b"index"
LOCKED = N_(
    "What is sealed cannot be opened or added to now: the master key is missing or is another one. Nothing "
    "is lost. Tell the operator."
)


@dataclass(frozen=True)
class Hashes:
    """Makes the keyed hashes by which something is known again without being kept."""

    suite: Suite
    key: bytes = field(repr=False)

    def digest(self, purpose: str, value: str) -> str:
        """A hash that only this installation can compute; hex, 64 characters."""
        return self.suite.digest(self.key, purpose, value)


class Vault:
    """Seals and opens, in the transactions of its caller. Every method raises Unavailable without its keys.

    Make one for each request or portion: it remembers the index key and which master key is the newest.
    """

    def __init__(self, ring: Keyring, suite: str) -> None:
        self._ring = ring
        self._suite = SUITES[suite]
        self._hashes: Hashes | None = None
        self._newest_id: str | None = None

    def hashes(self, session: Session) -> Hashes:
        """The keyed hashes of this installation."""
        if self._hashes is None:
            with _locked():
                kept = session.get(IndexKey, 1)
                if kept is None:
                    raise SettingError("intake has no index key: run `huajie migrate intake`")
                key = self._ring.unwrap(kept.master_id, kept.wrapped, INDEX_PLACE)
            self._hashes = Hashes(SUITES[kept.suite], key)
        return self._hashes

    def seal(
        self, session: Session, petition_id: UUID, purpose: Purpose, place: object, data: bytes
    ) -> bytes:
        """Seal data under the key of a petition, which is made where it has none.

        place: what it is within the petition, such as the id of a file; it opens nowhere else. Raises
        OutOfOrder once the key was destroyed.
        """
        kept = session.get(PetitionKey, (petition_id, purpose))
        if kept is None:
            return self.seal_first(session, petition_id, purpose, {place: data})[place]
        if kept.wrapped is None:
            raise OutOfOrder(ERASED)
        return SUITES[kept.suite].seal(self._key(kept), data, _place(petition_id, purpose, place))

    def seal_first(
        self, session: Session, petition_id: UUID, purpose: Purpose, parts: dict[P, bytes]
    ) -> dict[P, bytes]:
        """Seal data under a new key of a petition that has none of this purpose."""
        key, place = self._suite.new_key(), _place(petition_id, purpose)
        with _locked():
            master_id = self._newest(session)
            wrapped = self._ring.wrap(master_id, self._suite.name, key, place)
        session.add(
            PetitionKey(
                petition_id=petition_id,
                purpose=purpose,
                suite=self._suite.name,
                master_id=master_id,
                wrapped=wrapped,
            )
        )
        return {
            part: self._suite.seal(key, data, _place(petition_id, purpose, part))
            for part, data in parts.items()
        }

    def unseal(
        self, session: Session, petition_id: UUID, purpose: Purpose, place: object, sealed: bytes
    ) -> bytes | None:
        """What was sealed; None where the key was destroyed."""
        kept = session.get(PetitionKey, (petition_id, purpose))
        if kept is None or kept.wrapped is None:
            return None
        with _locked():
            return unseal(self._key(kept), sealed, _place(petition_id, purpose, place))

    def _key(self, kept: PetitionKey) -> bytes:
        place = key_place(kept)
        with _locked():
            return self._ring.unwrap(kept.master_id or "", kept.wrapped or b"", place)

    def _newest(self, session: Session) -> str:
        """The first key of the ring that the database knows: a new one counts once it was rotated to."""
        if self._newest_id is None:
            known = set(session.scalars(select(MasterKey.id)))
            self._newest_id = next(id_ for id_ in (*self._ring.ids, "") if id_ in known or not id_)
            if not self._newest_id:
                raise SettingError("no key of the master key file is in use in this database")
        return self._newest_id


def vault_of(instance: Instance) -> Vault:
    """The vault of a running intake."""
    return Vault(instance.master_keys, instance.settings.cipher_suite)


def destroy(session: Session, petition_id: UUID, *purposes: Purpose) -> None:
    """Destroy keys of a petition: what they sealed cannot be opened again by anybody."""
    session.execute(
        update(PetitionKey)
        .where(PetitionKey.petition_id == petition_id, PetitionKey.purpose.in_(purposes))
        .values(wrapped=None, master_id=None, destroyed_at=clock.now())
    )


def key_place(kept: PetitionKey) -> bytes:
    """Where the key of a petition belongs, so that no row's key opens another's."""
    return _place(kept.petition_id, kept.purpose)


def _place(petition_id: UUID, purpose: str, *part: object) -> bytes:
    return "|".join((str(petition_id), purpose, *map(str, part))).encode()


@contextmanager
def _locked() -> Iterator[None]:
    """Says what is wrong with the keys to the operator, and to whoever asks that it is not their fault."""
    try:
        yield
    except (SettingError, KeyError, CannotOpen) as error:
        what = str(error) if isinstance(error, SettingError) else type(error).__name__
        log.error(
            "the master key is missing or is another one: run `huajie check intake`", extra={"error": what}
        )
        raise Unavailable(LOCKED) from None
