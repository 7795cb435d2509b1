"""From a county's folder to a County, or to a message that says what to mend in which file.

Everything is checked when it is loaded, so that no service meets half a county later.
"""

from functools import lru_cache
from pathlib import Path

from shared.county.check import check
from shared.county.files import Entry, one_table, read_csv, read_toml, tables
from shared.county.model import ContentClass, County, Letterhead, Post, RosterEntry, Township, Unit, Zone
from shared.errors import SettingError

EXAMPLE = Path(__file__).parent / "zhuxi"
KEYS = (
    "code",
    "name",
    "name_en",
    "mail_domain",
    "zones",
    "units",
    "posts",
    "roster",
    "letterhead",
    "retaliation_to",
    "map",
)
LETTERHEAD = ("issuer", "mark", "printed_by", "copies_to")


def load_county(directory: Path | None = None) -> County:
    """The county in this folder (the setting COUNTY_DIR), or the one that Huajie comes with.

    Each folder is read once in the life of the process. Raises SettingError, which names the file and the
    line or key, when a file is missing, unreadable or does not fit the others.
    """
    return _load((directory or EXAMPLE).resolve())


@lru_cache(maxsize=16)
def _load(directory: Path) -> County:
    if not directory.is_dir():
        raise SettingError("COUNTY_DIR is not a folder; set it to the folder with county.toml.")
    document = read_toml(directory / "county.toml")
    document.only(KEYS)
    county = County(
        code=document.text("code"),
        name=document.text("name"),
        name_en=document.text("name_en"),
        zones=tuple(_zone(entry) for entry in tables(document, "zones")),
        townships=_townships(directory / "townships.csv"),
        content_classes=_content_classes(directory / "content_classes.csv"),
        units=tuple(_unit(entry, document.text("mail_domain")) for entry in tables(document, "units")),
        posts=tuple(_post(entry) for entry in tables(document, "posts")),
        roster=tuple(_roster_entry(entry) for entry in tables(document, "roster")),
        letterhead=_letterhead(one_table(document, "letterhead")),
        retaliation_to=document.texts("retaliation_to"),
        map=document.rows("map"),
    )
    check(county)
    return county


def _letterhead(entry: Entry) -> Letterhead:
    entry.only(LETTERHEAD)
    return Letterhead(*map(entry.text, LETTERHEAD))


def _zone(entry: Entry) -> Zone:
    entry.only(("code", "name", "name_en"))
    return Zone(entry.text("code"), entry.text("name"), entry.text("name_en"))


def _townships(path: Path) -> tuple[Township, ...]:
    columns = ("code", "name", "name_en", "zone")
    return tuple(Township(*map(entry.text, columns)) for entry in read_csv(path, columns))


def _content_classes(path: Path) -> tuple[ContentClass, ...]:
    columns = ("code", "name", "name_en")
    return tuple(ContentClass(*map(entry.text, columns)) for entry in read_csv(path, columns))


def _unit(entry: Entry, mail_domain: str) -> Unit:
    entry.only(("code", "name", "name_en", "kind", "email"))
    code = entry.text("code")
    email = entry.text("email") if "email" in entry.values else f"{code}@{mail_domain}"
    return Unit(code, entry.text("name"), entry.text("name_en"), entry.text("kind"), email)


def _post(entry: Entry) -> Post:
    entry.only(("code", "name", "name_en", "role", "unit", "stands_in_for_head"))
    return Post(
        code=entry.text("code"),
        name=entry.text("name"),
        name_en=entry.text("name_en"),
        role=entry.text("role"),
        unit=entry.text("unit"),
        stands_in_for_head=entry.flag("stands_in_for_head"),
    )


def _roster_entry(entry: Entry) -> RosterEntry:
    entry.only(("township", "leader", "office", "team", "starts_on"))
    return RosterEntry(
        township=entry.text("township"),
        leader=entry.text("leader"),
        office=entry.text("office"),
        team=entry.text("team"),
        starts_on=entry.day("starts_on"),
    )
