"""What a petition must have to be registered.

条例 17-20: a petition comes by any channel; written ones state matter and facts, oral ones are recorded;
a joint one is brought by representatives, 5 at most.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from services.intake.identities.rules import Person
from shared.contracts.intake import CHANNELS, ORGANS
from shared.county import County
from shared.errors import N_, Invalid

LONGEST_TEXT = 20_000
LONGEST_TITLE = 300
MOST_PETITIONERS = 99_999
MOST_REPRESENTATIVES = 5  # 条例 20
FIRST_YEAR = 1990
JOINT_FROM = 5  # the practice of the statistics; the regulation names no number
# What the columns hold; a text and a title have messages of their own.
LONGEST = {"place": 200, "complained_of": 300, "source_number": 100}
_BETWEEN_NAMES = re.compile(r"[、，,；;。/]|以及|和|及|与")
LONGEST_OF_PERSON = {"name": 100, "phone": 40, "id_number": 40, "address": 300}


@dataclass(frozen=True)
class NewPetition:
    """A petition as it is to be registered. `petition_id`: chosen by the caller to be safe to repeat.

    `representatives` brought a joint petition, beside `person`; `complained_of_units` are unit codes.
    """

    channel: str
    text: str
    received_on: date
    title: str = ""
    organ: str = "commission"
    township: str | None = None
    place: str | None = None
    content_class: str | None = None
    complained_of: str | None = None
    complained_of_units: tuple[str, ...] = ()
    joint: bool = False
    petitioner_count: int = 1
    superior_assigned: bool = False
    source_number: str | None = None
    publicity_consent: bool = False
    petition_id: UUID | None = None
    person: Person = field(default_factory=Person)
    representatives: tuple[Person, ...] = ()

    @property
    def people(self) -> tuple[Person, ...]:
        """Everyone whose identity is to be sealed."""
        return tuple(p for p in (self.person, *self.representatives) if p)

    @property
    def is_joint(self) -> bool:
        return self.joint or self.petitioner_count >= JOINT_FROM

    @property
    def signature(self) -> str:
        """Joint; else real-name where a name and a way to reach them are given; else anonymous.

        检举控告工作规则 24: a real name comes with a telephone number or another contact.
        """
        if self.is_joint:
            return "joint"
        return "real_name" if self.person.can_be_reached else "anonymous"

    @property
    def title_or_beginning(self) -> str:
        """Its title, else the beginning of its text."""
        first_line = (self.title.strip() or self.text.strip()).splitlines()[0]
        return first_line[:LONGEST_TITLE]


def check_new(new: NewPetition, county: County, today: date) -> None:
    """Raises Invalid naming every field that is wrong."""
    wrong = {name: [message] for name, message in faults(new, county, today).items()}
    if wrong:
        raise Invalid(N_("Mend the fields that are named and send it again."), fields=wrong)


def faults(new: NewPetition, county: County, today: date) -> Mapping[str, str]:
    """What is wrong with a new petition: a message (msgid) by field."""
    found = {
        **faults_of_source(new.channel, new.organ),
        **faults_of_matter(new.township, new.content_class, county),
        **_faults_of_texts(new),
        **_faults_of_people(new),
    }
    if fault := fault_of_complained_of(new.complained_of_units, county):
        found["complained_of_units"] = fault
    if fault := fault_of_complained_of(units_named(new.complained_of, county), county):
        found["complained_of"] = fault
    if fault := fault_of_date(new.received_on, today):
        found["received_on"] = fault
    return found


def _faults_of_texts(new: NewPetition) -> dict[str, str]:
    found: dict[str, str] = {}
    if not new.text.strip():
        found["text"] = N_("Write what the petition is about: without a text nobody can act on it.")
    elif len(new.text) > LONGEST_TEXT:
        found["text"] = N_("Longer than 20,000 characters. Shorten it, and attach the whole as a file.")
    if len(new.title) > LONGEST_TITLE:
        found["title"] = N_("Longer than 300 characters. Put the rest into the text.")
    for name, longest in LONGEST.items():
        if len(getattr(new, name) or "") > longest:
            found[name] = N_("Too long. Shorten it, and put the rest into the text.")
    return found


def _faults_of_people(new: NewPetition) -> dict[str, str]:
    found: dict[str, str] = {}
    if not 1 <= new.petitioner_count <= MOST_PETITIONERS:
        found["petitioner_count"] = N_("Give the number of petitioners, from 1 to 99,999.")
    elif new.joint and new.petitioner_count < JOINT_FROM:
        found["petitioner_count"] = N_("A joint petition comes from 5 people or more. Give their number.")
    if new.representatives and not new.is_joint:
        found["representatives"] = N_("Only a joint petition, of 5 people or more, has representatives.")
    elif len(new.people) > MOST_REPRESENTATIVES:
        found["representatives"] = N_("At most 5 may represent a joint petition (Regulation, article 20).")
    for person in new.people:
        for part, longest in LONGEST_OF_PERSON.items():
            if len(getattr(person, part) or "") > longest:
                found[f"person.{part}"] = N_("Too long. Shorten it.")
    return found


def fault_of_date(received_on: date, today: date) -> str | None:
    """What is wrong with a day of receipt, or None."""
    if received_on > today:
        return N_("This day has not come yet. Give the day on which it was received.")
    if received_on.year < FIRST_YEAR:
        return N_("Before 1990. Check the year.")
    return None


def faults_of_source(channel: str, organ: str) -> dict[str, str]:
    """What is wrong with the way by which a petition came, by field."""
    found: dict[str, str] = {}
    if channel not in CHANNELS:
        found["channel"] = N_("Choose a channel: letter, visit, call, web, assigned or passed_on.")
    if organ not in ORGANS:
        found["organ"] = N_("Choose an organ: commission, petition_bureau, police, township or department.")
    return found


def faults_of_matter(township: str | None, content_class: str | None, county: County) -> dict[str, str]:
    """What is wrong with the codes of township and content class, where given; by field."""
    found: dict[str, str] = {}
    if township and township not in {t.code for t in county.townships}:
        found["township"] = N_("There is no such township in this county. Choose one from the list.")
    if content_class and content_class not in {c.code for c in county.content_classes}:
        found["content_class"] = N_("There is no such content class. Choose one from the list.")
    return found


def units_complained_of(new: NewPetition, county: County) -> set[str]:
    """The units that a new petition complains of: those given by code and those named in words (条例 30)."""
    return {*new.complained_of_units, *units_named(new.complained_of, county)}


def units_named(complained_of: str | None, county: County) -> tuple[str, ...]:
    """The units of which the whole name, or that of a post, stands in `complained_of`, also among others."""
    if not complained_of:
        return ()
    parts = {_plain(part, county) for part in (complained_of, *_BETWEEN_NAMES.split(complained_of))}
    parts |= {part.removeprefix("纪委监委").removeprefix("纪委") for part in parts}
    names = [(unit.code, unit) for unit in county.units] + [(post.unit, post) for post in county.posts]
    return tuple(
        dict.fromkeys(
            code
            for code, named in names
            if {_plain(named.name, county).removesuffix("岗"), _plain(named.name_en, county)} & parts
        )
    )


def _plain(name: str, county: County) -> str:
    plain = unicodedata.normalize("NFKC", name).strip().casefold()
    return plain.removeprefix(county.name).removeprefix("县")


def fault_of_complained_of(units: tuple[str, ...], county: County) -> str | None:
    """What is wrong with the units that are complained of, or None.

    检举控告工作规则 15: what concerns the head of the commission is not entered here at all.
    """
    known = {unit.code: unit for unit in county.units}
    if any(unit not in known for unit in units):
        return N_("There is no such unit in this county. Choose from the list of units.")
    if any(known[unit].kind == "head" for unit in units):
        return N_(
            "What concerns the head of the commission is not entered here. Hand it to the superior organ "
            "unopened, and enter only that in the sealed register."
        )
    return None
