"""Reads entries for an auditor: by matter, by who acted, by day."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import clock
from shared.ledger.models import LedgerEntry

PORTION = 500


@dataclass(frozen=True)
class Act:
    """What one actor did in one transaction. `position` is None until it is chained."""

    position: int | None
    at: datetime
    actor: str
    action: str
    changes: list[list[str]]
    notes: list[list[str]]


def acts(
    session: Session, *, subject: str | None = None, actor: str | None = None, since: date | None = None
) -> Iterator[Act]:
    """The acts about a matter (an id), of an actor, since a day of the county's calendar; oldest first.

    All entries are looked through: that takes a while where there are millions.
    """
    wanted = select(LedgerEntry).order_by(LedgerEntry.seq)
    for word in (subject, actor):
        if word:
            wanted = wanted.where(LedgerEntry.acts.contains(word, autoescape=True))
    if since:
        wanted = wanted.where(LedgerEntry.at >= datetime.combine(since, time(), clock.COUNTY_ZONE))
    for entry in session.scalars(wanted.execution_options(yield_per=PORTION)):
        for who, action, changes, notes in json.loads(entry.acts):
            if actor and not _is(who, actor):
                continue
            if subject and not _is_about(subject, changes, notes):
                continue
            yield Act(entry.position, entry.at, who, action, changes, notes)


def _is(who: str, actor: str) -> bool:
    return who == actor or who.partition("#")[0] == actor  # an event's source without its id


def _is_about(subject: str, changes: list[Any], notes: list[Any]) -> bool:
    in_keys = any(subject in change[1].split("/") or subject in change[4:] for change in changes)
    return in_keys or any(subject == told for _kind, told in notes)
