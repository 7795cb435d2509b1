"""The terms of the duties and when lights turn, as data that a change of law updates."""

from datetime import date

from sqlalchemy import String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.supervision.base import Base


class DutyTerm(Base):
    """One version of a term. Rows with the same code are its versions, by `effective_from`.

    An empty list, or None, holds for all. `length` is None where the duty brings its own date.
    """

    __tablename__ = "duty_term"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(64))
    effective_from: Mapped[date]
    duty: Mapped[str] = mapped_column(String(16), index=True)
    organs: Mapped[list[str]]
    categories: Mapped[list[str]]
    procedures: Mapped[list[str]]
    signatures: Mapped[list[str]]
    superior_assigned: Mapped[bool | None]
    rounds: Mapped[str | None] = mapped_column(String(8))
    unit: Mapped[str] = mapped_column(String(16))
    length: Mapped[int | None]
    starts_with: Mapped[str] = mapped_column(String(32))
    stops_with: Mapped[list[str]]
    extension_unit: Mapped[str | None] = mapped_column(String(16))
    extension_length: Mapped[int | None]
    extensions: Mapped[int] = mapped_column(default=0)
    source: Mapped[str] = mapped_column(String(100))
    article: Mapped[str] = mapped_column(String(32))
    mark: Mapped[str] = mapped_column(String(1))
    note: Mapped[str] = mapped_column(Text)

    __table_args__ = (UniqueConstraint("code", "effective_from"),)


class LightRule(Base):
    """How near the last day a clock's light turns; a row for a duty goes before the one for all (None)."""

    __tablename__ = "light_rule"

    id: Mapped[int] = mapped_column(primary_key=True)
    light: Mapped[str] = mapped_column(String(8))
    duty: Mapped[str | None] = mapped_column(String(16))
    unit: Mapped[str] = mapped_column(String(16))
    length: Mapped[int]
    source: Mapped[str] = mapped_column(String(100))
    mark: Mapped[str] = mapped_column(String(1))


class Office(Base):
    """A unit of the county that holds duties by its kind: the petition office screens."""

    __tablename__ = "office"

    kind: Mapped[str] = mapped_column(String(32), primary_key=True)
    code: Mapped[str] = mapped_column(String(64))
