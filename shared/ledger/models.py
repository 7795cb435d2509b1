"""The ledger of a service, the heads it has heard of others' ledgers, and what came of looking at them."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import BigKey, SharedBase


class LedgerEntry(SharedBase):
    """What one transaction did: written with it, chained once it is committed (see chain.py).

    `acts` is canonical JSON: a list of [actor, action, changes, notes]; a change is
    [table, key, insert|update|delete|state, digest of the row's values, id of the matter if not in the key],
    a note [kind, subject]. There is no name and no value in it.
    """

    __tablename__ = "ledger_entry"

    seq: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True)
    at: Mapped[datetime]
    acts: Mapped[str] = mapped_column(Text)
    algorithm: Mapped[str] = mapped_column(String(8))  # of the digests in `acts` and of `hash`
    position: Mapped[int | None] = mapped_column(BigInteger, unique=True)
    prev: Mapped[str | None] = mapped_column(String(64))  # the hash of the entry before, "" of the first
    hash: Mapped[str | None] = mapped_column(String(64))

    __table_args__ = (
        Index(
            "ix_ledger_entry_unsealed",
            "seq",
            postgresql_where=text("position IS NULL"),
            sqlite_where=text("position IS NULL"),
        ),
    )


class LedgerHead(SharedBase):
    """A signed head of a ledger: of this service's own, or of another as this service heard it.

    `problem`: see heads.PROBLEMS; it stays until an operator acknowledges it with a reason. What is
    acknowledged counts no more: later heads are not compared with it.
    """

    __tablename__ = "ledger_head"

    event_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    source: Mapped[str] = mapped_column(String(255))  # /<agency>/<service>
    position: Mapped[int] = mapped_column(BigInteger)
    algorithm: Mapped[str] = mapped_column(String(8))
    hash: Mapped[str] = mapped_column(String(64))
    signature: Mapped[str] = mapped_column(String(128))
    signed_at: Mapped[datetime]
    heard_at: Mapped[datetime]
    problem: Mapped[str | None] = mapped_column(String(16))
    acknowledged_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(String(200))

    __table_args__ = (Index("ix_ledger_head_source_position", "source", "position"),)


class LedgerCheck(SharedBase):
    """The last look at a ledger: `own` for this service's chain, else the source that was compared.

    `position` is how far it reached; `problem` a word for the operator and None where all was well.
    """

    __tablename__ = "ledger_check"

    ledger: Mapped[str] = mapped_column(String(255), primary_key=True)
    at: Mapped[datetime]
    position: Mapped[int] = mapped_column(BigInteger)
    problem: Mapped[str | None] = mapped_column(String(200))
