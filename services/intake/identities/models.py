"""The keys of petitions, the sealed identities, who looked at them, and who asked to be let look."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from services.intake.base import Base
from services.intake.identities.rules import Act
from shared.db.base import BigKey


class MasterKey(Base):
    """A master key that wraps something here; itself it is in the keyring file (shared.crypto.master).

    `check` is a known value under it, by which a wrong key is told. Only `huajie migrate` and the commands
    of rotation add and remove rows: what was retired cannot wrap anything more.
    """

    __tablename__ = "master_key"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    check: Mapped[bytes] = mapped_column(LargeBinary)
    since: Mapped[datetime]


class PetitionKey(Base):
    """A key of one petition, wrapped by a master key. `purpose`: see rules.Purpose.

    Of a destroyed key only that it was, and when, is left: nothing that it sealed opens again.
    """

    __tablename__ = "petition_key"

    petition_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(8), primary_key=True)
    suite: Mapped[str] = mapped_column(String(8))
    master_id: Mapped[str | None] = mapped_column(ForeignKey("master_key.id"), index=True)
    wrapped: Mapped[bytes | None] = mapped_column(LargeBinary)
    destroyed_at: Mapped[datetime | None]


class IndexKey(Base):
    """The one key of the hashes by which something is known again, wrapped: the hashes outlive rotations."""

    __tablename__ = "index_key"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # always 1
    suite: Mapped[str] = mapped_column(String(8))
    master_id: Mapped[str] = mapped_column(ForeignKey("master_key.id"))
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)


class Identity(Base):
    """Who brought a petition, sealed: `place` 0, and for a joint one the other representatives from 1.

    An anonymous petition has no row.
    """

    __tablename__ = "identity"

    petition_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    phone_hash: Mapped[str | None] = mapped_column(String(64), index=True)
    id_number_hash: Mapped[str | None] = mapped_column(String(64), index=True)


class IdentityAccess(Base):
    """An entry of the access log: a look, a refusal, an agreement or its denial, an erasure."""

    __tablename__ = "identity_access"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True)
    petition_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"), index=True)
    post: Mapped[str] = mapped_column(String(64))
    act: Mapped[str] = mapped_column(String(8))  # rules.Act
    reason: Mapped[str] = mapped_column(String(300))
    at: Mapped[datetime]

    @property
    def granted(self) -> bool:
        """Whether somebody saw who it is."""
        return self.act == Act.SEEN


class OpeningRequest(Base):
    """That a post asked for a second person's agreement to open an identity, and what became of it."""

    __tablename__ = "opening_request"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    petition_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"), index=True)
    asked_by: Mapped[str] = mapped_column(String(64), index=True)
    of_head: Mapped[bool]  # the head asked, so that the head cannot agree
    reason: Mapped[str] = mapped_column(String(300))
    asked_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(8))  # rules.Asked
    decided_by: Mapped[str | None] = mapped_column(String(64))
    decided_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        Index(
            "ix_opening_request_waiting",
            "asked_at",
            postgresql_where=sql("state = 'waiting'"),
            sqlite_where=sql("state = 'waiting'"),
        ),
    )
