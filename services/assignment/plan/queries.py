"""Reading plans, and what a new one is checked against."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.assignment.cases.models import Case
from services.assignment.cases.rules import MAY_BE_MEMBERS
from services.assignment.closing.queries import handled_before
from services.assignment.duties import queries as duties
from services.assignment.plan.models import Plan
from services.assignment.plan.rules import BY_LAW_IN_TIME, Circumstances
from shared import clock
from shared.identity.accounts import Account
from shared.identity.recusal import excluded_units


def plans_of(session: Session, case: Case) -> Sequence[Plan]:
    """All versions, oldest first."""
    return session.scalars(select(Plan).where(Plan.case_id == case.id).order_by(Plan.version)).all()


def last_version(session: Session, case: Case) -> int:
    """The number of the newest version, 0 without any."""
    return session.scalar(select(func.max(Plan.version)).where(Plan.case_id == case.id)) or 0


def handling_due_on(session: Session, case: Case) -> date | None:
    """The last day of handling in this round by supervision's clock, None where no term of law runs.

    None too while supervision's word of it is still on its way.
    """
    if case.procedure != BY_LAW_IN_TIME:
        return None
    return duties.last_day_of_handling(
        session, case.petition_id, case.round_started_on if case.round > 1 else None
    )


def circumstances(session: Session, case: Case) -> Circumstances:
    """What a plan of this case is checked against today."""
    may = select(Account.post, Account.unit).where(
        Account.role.in_(MAY_BE_MEMBERS), Account.disabled_at.is_(None)
    )
    before = handled_before(session, case)
    return Circumstances(
        today=clock.today(),
        last_day=handling_due_on(session, case),
        units=dict(session.execute(may).all()),
        excluded=excluded_units(session, case.petition_id),
        handled_before=before.posts,
        barred_units=before.offices,
        is_change=last_version(session, case) > 0,
    )
