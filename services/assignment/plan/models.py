"""Plans in their versions, and the members of each with their duty."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.assignment.base import Base


class PlanMember(Base):
    """A post in the team of a plan, with its duty; exactly one is responsible.

    case_id and version are the plan's, so that whose cases a post may see is answered by one index.
    """

    __tablename__ = "plan_member"

    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plan.id"), primary_key=True)
    post: Mapped[str] = mapped_column(String(64), primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"), index=True)
    version: Mapped[int]
    unit: Mapped[str] = mapped_column(String(64))
    duty: Mapped[str] = mapped_column(Text)
    responsible: Mapped[bool]

    __table_args__ = (Index("ix_plan_member_post_case", "post", "case_id", "version"),)


class Plan(Base):
    """One version of a case's five-fixed plan. `reason` says why it differs from the one before."""

    __tablename__ = "plan"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"))
    version: Mapped[int]
    round: Mapped[int]
    leader: Mapped[str] = mapped_column(String(64))
    due_on: Mapped[date]
    quality: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    fixed_by: Mapped[str] = mapped_column(String(64))
    fixed_at: Mapped[datetime]

    members: Mapped[list[PlanMember]] = relationship(order_by=PlanMember.post, lazy="selectin")

    __table_args__ = (UniqueConstraint("case_id", "version"),)
