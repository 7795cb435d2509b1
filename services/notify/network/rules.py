"""Which parts of a matter an extract may have: its purpose decides, and what is not named here is closed.

Articles: 条例 is the 信访工作条例, 规则 the 纪检监察机关处理检举控告工作规则.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from shared.contracts.notify import EXTRACT_BASES as BASES
from shared.contracts.notify import EXTRACT_RESULTS as RESULTS
from shared.errors import N_, Invalid, OutOfOrder

__all__ = ["BASES", "RESULTS"]  # as the events name them

STATES = DRAFT, ISSUED, READ, ANSWERED, RECALLED, EXPIRED = (
    "draft",
    "issued",
    "read",
    "answered",
    "recalled",
    "expired",
)
WITH_AGENCY = (ISSUED, READ, ANSWERED)  # its content is there, and the agency may read it
ENDED = (RECALLED, EXPIRED)
PARTS = ("category", "procedure", "township", "content_class", "received_on", "in_charge", "outcome")
BY_HAND = ("no_longer_needed", "issued_in_error")  # reasons of a recall; others follow from events
DAYS_TO_ANSWER = 5  # working days: proposed, not prescribed
DAYS_KEPT, MOST_DAYS_KEPT = 30, 180  # calendar days: a setting of ours, no law names one


@dataclass(frozen=True)
class Purpose:
    """What an extract may be made for: the parts that it may have, and on which legal bases."""

    parts: frozenset[str]
    bases: tuple[str, ...]
    for_accusations: bool = False


PURPOSES: Mapping[str, Purpose] = {
    # 条例 22, 24: a matter in which several organs are competent, each for its part.
    "own_part": Purpose(frozenset(PARTS), ("regulation-22", "regulation-24")),
    # 条例 31: facts that only another organ can confirm.
    "facts": Purpose(
        frozenset({"township", "content_class", "received_on"}), ("regulation-21", "regulation-31")
    ),
    # 条例 27: help for those whose life is hard.
    "help": Purpose(frozenset({"township"}), ("regulation-27",)),
    # 条例 25: urgent and grave matters are told to the competent organs at once.
    "urgent": Purpose(
        frozenset({"township", "received_on", "in_charge"}), ("regulation-25",), for_accusations=True
    ),
    # 规则 49: who reports and is threatened is protected; other organs may be asked to.
    "protection": Purpose(frozenset({"township"}), ("rules-49",), for_accusations=True),
    # 条例 21: an agency that did its part learns how the matter ended.
    "outcome": Purpose(frozenset({"township", "outcome"}), ("regulation-21",)),
}
# What would name somebody: numbers of telephones and of identity cards (GB 11643), however they are parted.
_PARTED = r"[\s.\-–—]?"
_NUMBERS = re.compile(
    rf"(?<!\d)(?:(?:\+?86{_PARTED})?1[3-9]\d(?:{_PARTED}\d){{8}}"
    rf"|0\d{{2,3}}{_PARTED}\d{{7,8}}"
    rf"|\d{{6}}{_PARTED}(?:18|19|20)\d{{2}}{_PARTED}\d{{4}}{_PARTED}\d{{3}}[\dXx])(?!\d)"
)


def check_purpose(purpose: str, basis: str, parts: Iterable[str], *, category: str) -> None:
    """Raises Invalid naming the field: a basis or part that the purpose does not have, or an accusation.

    规则 47: an accusation is kept strictly secret, so that hardly anything justifies an extract of it.
    """
    allowed = PURPOSES[purpose]
    if category == "accusation" and not allowed.for_accusations:
        raise Invalid(
            N_("An accusation is passed on only in an urgent and grave matter, or to protect who reported."),
            field="purpose",
        )
    if basis not in allowed.bases:
        raise Invalid(N_("This basis does not fit the purpose. Choose one that does."), field="basis")
    if set(parts) - allowed.parts:
        raise Invalid(
            N_("For this purpose the agency may not have all that you chose. Choose less."), field="parts"
        )


def check_text(text: str, field: str) -> None:
    """Raises Invalid for a text with the number of a telephone or of an identity card."""
    if _NUMBERS.search(text):
        raise Invalid(
            N_("This looks like a telephone or identity number. An extract names no person: leave it out."),
            field=field,
        )


def check_days(answer_by: date, expires_on: date, today: date) -> None:
    """Raises Invalid unless there is time to answer, and the end comes after it and soon enough."""
    if answer_by <= today:
        raise Invalid(N_("Give a day after today, so that there is time to answer."), field="answer_by")
    if not answer_by <= expires_on <= today + timedelta(days=MOST_DAYS_KEPT):
        raise Invalid(
            N_("Give a day from the last day for the answer on, within 180 days."), field="expires_on"
        )


def check_state(state: str, *wanted: str) -> None:
    """Raises OutOfOrder where an extract is in none of the states that a step is for."""
    if state in wanted:
        return
    raise OutOfOrder(_WHY_NOT[state])


_WHY_NOT = {
    DRAFT: N_("This extract is a draft. It has to be issued first."),
    ISSUED: N_("This extract was issued and stays as it is; it can be recalled."),
    READ: N_("The agency has confirmed already that it read this extract."),
    ANSWERED: N_("The agency has answered already."),
    RECALLED: N_("This extract was recalled. What it said is gone."),
    EXPIRED: N_("This extract has expired. What it said is gone."),
}


def list_key(drafted_at: datetime, extract_id: UUID) -> str:
    """Sorts the newest first when read backwards."""
    return f"{drafted_at:%Y-%m-%dT%H:%M:%S.%f}-{extract_id.hex}"
