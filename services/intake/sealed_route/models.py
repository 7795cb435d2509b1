"""The register of what left by the sealed route. It has no column for any content, on purpose."""

from datetime import date

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from services.intake.base import Base


class SealedMatter(Base):
    """One matter that was handed to the superior organ."""

    __tablename__ = "sealed_matter"

    number: Mapped[str] = mapped_column(String(32), primary_key=True)
    handed_over_on: Mapped[date]
    handed_over_by: Mapped[str] = mapped_column(String(64))
