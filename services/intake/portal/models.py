"""What the petitioner said of how the matter was handled."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from services.intake.base import Base


class Rating(Base):
    """The rating of one round of handling; given once and never changed."""

    __tablename__ = "rating"

    petition_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"), primary_key=True)
    round: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    rating: Mapped[str] = mapped_column(String(16))
    rated_at: Mapped[datetime]
