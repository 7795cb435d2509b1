"""Issuing a bulletin: the summary of the month is frozen, then the document is made of it once."""

import hashlib
import json
from calendar import monthrange
from datetime import date
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.reporting.bulletin import queries, rules, writing
from services.reporting.bulletin.models import Bulletin
from services.reporting.summary import commands as summaries
from services.reporting.summary.models import Summary
from shared import clock
from shared.contracts.reporting import BulletinIssuedV1
from shared.county import County
from shared.db.numbers import next_number
from shared.db.outbox import record
from shared.documents.measures import document_number
from shared.errors import N_, OutOfOrder
from shared.ledger.gather import note

SERIES, KIND = "TONGBAO", "通报"


def issue(session: Session, month: str, *, county: County, by: str) -> Bulletin:
    """Issue the bulletin of a month (2026-03) that is over, and record `bulletin.issued`.

    Issues its summary too where there is none yet. Raises Invalid for a month that is not over,
    OutOfOrder for a second issue: what is corrected later shows in the next one.
    """
    if known := queries.number_of(session, month):
        raise OutOfOrder(
            N_("The bulletin of %(month)s was issued as %(number)s and stays as it is."),
            month=month,
            number=known,
        )
    summary = session.scalar(select(Summary).where(Summary.month == month))
    summary = summary or summaries.issue(session, month, by=by)
    today = clock.today()
    contents = _contents(session, summary, today, county)
    serial = next_number(session, SERIES, today.year)
    number = document_number(f"{county.letterhead.mark}{KIND}", today.year, serial)
    file = writing.write(contents, number, county)
    bulletin = Bulletin(
        id=uuid4(),
        number=number,
        year=today.year,
        serial=serial,
        month=month,
        summary_id=summary.id,
        issued_at=clock.now(),
        issued_by=by,
        sha256=hashlib.sha256(file).hexdigest(),
        contents=json.dumps(contents, ensure_ascii=False),
        file=file,
    )
    session.add(bulletin)
    session.flush()
    note(session, "document.issued", bulletin.number)
    record(
        session,
        BulletinIssuedV1,
        subject=bulletin.id,
        bulletin_id=bulletin.id,
        document_number=number,
        month=month,
        issued_at=bulletin.issued_at,
    )
    return bulletin


def _contents(session: Session, summary: Summary, today: date, county: County) -> dict[str, object]:
    month = summary.month
    months = (month, rules.month_before(month), rules.year_before(month))
    end_of_month = today.replace(day=monthrange(today.year, today.month)[1])
    kinds = {unit.code: unit.kind for unit in county.units}
    return rules.contents(
        month,
        clock.local_date(summary.issued_at),
        today,
        queries.public_figures(session, months),
        rules.late_by_unit(queries.late_duties(session, today), kinds),
        rules.by_duty(queries.duties_ahead(session, today, end_of_month)),
    )
