"""What a petition must have to be registered, and the states it passes through at intake.

条例 17-19: a petition comes by any channel; written ones state matter and facts, oral ones are recorded.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from uuid import UUID

from services.intake.identities.store import Person
from shared.contracts.intake import CHANNELS, ORGANS
from shared.county import County
from shared.errors import Invalid, N_

LONGEST_TEXT = 20_000
LONGEST_TITLE = 300
MOST_REPRESENTATIVES = 5  # 条例 20
JOINT_FROM = 5


class State(StrEnum):
    REGISTERED = "registered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    TRANSFERRED = "transferred"


@dataclass(frozen=True)
class NewPetition:
    """A petition as it is to be registered. `petition_id`: chosen by the caller to be safe to repeat."""

    channel: str
    text: str
    received_on: date
    title: str = ""
    organ: str = "commission"
    township: str | None = None
    place: str | None = None
    content_class: str | None = None
    complained_of: str | None = None
    joint: bool = False
    petitioner_count: int = 1
    superior_assigned: bool = False
    source_number: str | None = None
    petition_id: UUID | None = None
    person: Person = field(default_factory=Person)

    @property
    def signature(self) -> str:
        """Joint, else real-name where a name is given, else anonymous."""
        if self.joint or self.petitioner_count >= JOINT_FROM:
            return "joint"
        return "real_name" if self.person.name else "anonymous"

    @property
    def title_or_beginning(self) -> str:
        """Its title, else the beginning of its text."""
        first_line = (self.title or self.text).strip().splitlines()[0]
        return first_line[:LONGEST_TITLE]


def check_new(new: NewPetition, county: County, today: date) -> None:
    """Raises Invalid naming every field that is wrong."""
    wrong = {name: [message] for name, message in _faults(new, county, today).items()}
    if wrong:
        raise Invalid(N_("Mend the fields that are named and send it again."), fields=wrong)


def _faults(new: NewPetition, county: County, today: date) -> Mapping[str, str]:
    faults: dict[str, str] = {}
    if not new.text.strip():
        faults["text"] = N_("Write what the petition is about: without a text nobody can act on it.")
    elif len(new.text) > LONGEST_TEXT:
        faults["text"] = N_("Longer than 20,000 characters. Shorten it, and attach the whole as a file.")
    if len(new.title) > LONGEST_TITLE:
        faults["title"] = N_("Longer than 300 characters. Put the rest into the text.")
    if new.received_on > today:
        faults["received_on"] = N_("This day has not come yet. Give the day on which it was received.")
    elif new.received_on.year < 1990:
        faults["received_on"] = N_("Before 1990. Check the year.")
    if new.channel not in CHANNELS:
        faults["channel"] = N_("Choose one of the channels.")
    if new.organ not in ORGANS:
        faults["organ"] = N_("Choose one of the organs.")
    if new.township and new.township not in {t.code for t in county.townships}:
        faults["township"] = N_("There is no such township in this county. Choose one from the list.")
    if new.content_class and new.content_class not in {c.code for c in county.content_classes}:
        faults["content_class"] = N_("There is no such content class. Choose one from the list.")
    if new.petitioner_count < 1:
        faults["petitioner_count"] = N_("Give the number of petitioners, 1 or more.")
    return faults
