"""Reading issued summaries. Whoever is excluded from a petition reads figures that do not count it (M8)."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.reporting.summary import rules
from services.reporting.summary.models import Summary, SummaryEntry
from shared.errors import N_, NotFound
from shared.identity.recusal import not_excluded
from shared.identity.roles import Viewer

MOST = 500


def summaries(session: Session) -> Sequence[Summary]:
    """The issued summaries, newest month first."""
    return session.scalars(select(Summary).order_by(Summary.month.desc()).limit(MOST)).all()


def public_summary(session: Session, summary_id: UUID) -> dict[str, Any]:
    """What of a summary may leave the commission, as it was frozen with it. Raises NotFound."""
    summary = _summary(session, summary_id)
    return {
        "number": summary.number,
        "month": summary.month,
        "sha256": summary.public_sha256,
        "figures": json.loads(summary.public_document),
    }


def summary_for(session: Session, viewer: Viewer, summary_id: UUID) -> dict[str, Any]:
    """One summary with its figures and their hash as this viewer may see them. Raises NotFound."""
    summary = _summary(session, summary_id)
    document = _document(session, viewer, summary)
    return {
        "id": summary.id,
        "number": summary.number,
        "month": summary.month,
        "issued_at": summary.issued_at,
        "issued_by": summary.issued_by,
        "sha256": rules.digest(document),
        "figures": json.loads(document),
    }


def _summary(session: Session, summary_id: UUID) -> Summary:
    summary = session.get(Summary, summary_id)
    if summary is None:
        raise NotFound(N_("There is no such summary. Look it up in the list of summaries."))
    return summary


def _document(session: Session, viewer: Viewer, summary: Summary) -> str:
    entries = select(SummaryEntry).where(SummaryEntry.summary_id == summary.id)
    may_see = not_excluded(SummaryEntry.petition_id, viewer)
    if session.scalar(entries.where(~may_see).limit(1)) is None:
        return summary.document
    return rules.canonical(rules.figures(session.scalars(entries.where(may_see))))
