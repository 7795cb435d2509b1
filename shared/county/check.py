"""Whether the parts of a county fit together; one function for each kind of part.

A message begins with the file, names the code that does not fit and says what to do.
"""

import re
from collections import Counter
from collections.abc import Iterable

from shared.county.model import KINDS, ROLES, County
from shared.errors import SettingError

_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_TOWNSHIP_CODE = re.compile(r"[0-9]{9}")
_MARK = re.compile(r"[\u4e00-\u9fff]{1,10}")
_CLASS_CODE = re.compile(r"[0-9]{2}")
WIDEST_MAP = 12  # columns that the page has widths for
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


def check(county: County) -> None:
    """Raise SettingError at the first thing that does not fit."""
    _check_zones(county)
    _check_townships(county)
    _check_content_classes(county)
    _check_units(county)
    _check_posts(county)
    _check_roster(county)
    _check_retaliation_to(county)
    _check_map(county)
    _check_letterhead(county)


def _check_zones(county: County) -> None:
    _codes("county.toml, zones", _CODE, (zone.code for zone in county.zones))
    empty = [zone.code for zone in county.zones if not county.townships_of(zone.code)]
    if empty:
        raise SettingError(f"townships.csv: zone {empty[0]} has no township; give it one or remove the zone.")


def _check_townships(county: County) -> None:
    _codes("townships.csv", _TOWNSHIP_CODE, (township.code for township in county.townships))
    zones, units = {zone.code for zone in county.zones}, {unit.code: unit.kind for unit in county.units}
    for township in county.townships:
        if township.zone not in zones:
            raise SettingError(
                f"townships.csv: {township.code} is in zone {township.zone}, which county.toml "
                "does not have; add the zone or correct the line."
            )
        if units.get(township.unit) != "township":
            raise SettingError(
                f"county.toml, units: township {township.code} has no commission; "
                f'add the unit {township.unit} of kind "township".'
            )
    codes = {township.unit for township in county.townships}
    for unit in county.units_of("township"):
        if unit.code not in codes:
            raise SettingError(
                f"county.toml, units: {unit.code} belongs to no township of townships.csv; "
                "add the township or remove the unit."
            )


def _check_content_classes(county: County) -> None:
    _codes("content_classes.csv", _CLASS_CODE, (each.code for each in county.content_classes))


def _check_units(county: County) -> None:
    _codes("county.toml, units", _CODE, (unit.code for unit in county.units))
    for unit in county.units:
        if unit.kind not in KINDS:
            raise SettingError(
                f"county.toml, units: {unit.code} is of kind {unit.kind}; use one of {', '.join(KINDS)}."
            )
        if not _EMAIL.fullmatch(unit.email):
            raise SettingError(
                f"county.toml, units: {unit.code} has no usable e-mail address; write it like name@domain."
            )


def _check_posts(county: County) -> None:
    _codes("county.toml, posts", _CODE, (post.code for post in county.posts))
    kinds = {unit.code: unit.kind for unit in county.units}
    for post in county.posts:
        if post.role not in ROLES:
            raise SettingError(
                f"county.toml, posts: {post.code} has role {post.role}; use one of {', '.join(ROLES)}."
            )
        if kinds.get(post.unit) not in ROLES[post.role]:
            raise SettingError(
                f"county.toml, posts: {post.code} with role {post.role} is in unit {post.unit}; "
                f"name a unit of the county that is of kind {' or '.join(ROLES[post.role])}."
            )
        if post.stands_in_for_head and post.role != "leader":
            raise SettingError(
                f"county.toml, posts: {post.code} stands in for the head; only a leader can do that."
            )
    _check_every_role_is_filled(county)


def _check_every_role_is_filled(county: County) -> None:
    for role in ROLES:
        if not any(post.role == role for post in county.posts):
            raise SettingError(f"county.toml, posts: nobody has the role {role}; add a post with it.")
    for unit in county.units:
        if not county.posts_of(unit.code):
            raise SettingError(
                f"county.toml, posts: unit {unit.code} has no post; add one or remove the unit."
            )


def _check_roster(county: County) -> None:
    where = "county.toml, roster"
    kinds = {unit.code: unit.kind for unit in county.units}
    for entry in county.roster:
        for kind in ("leader", "office", "team"):
            if kinds.get(getattr(entry, kind)) != kind:
                raise SettingError(
                    f"{where}: township {entry.township} has {kind} {getattr(entry, kind)}; "
                    f"name a unit of kind {kind}."
                )
    times = Counter(entry.township for entry in county.roster)
    for township in county.townships:
        if times.pop(township.code, 0) != 1:
            raise SettingError(f"{where}: township {township.code} needs exactly one line; give it one.")
    if times:
        raise SettingError(f"{where}: {min(times)} is not in townships.csv; add it there or remove the line.")
    idle = sorted(
        {unit.code for unit in county.units_of("leader")} - {entry.leader for entry in county.roster}
    )
    if idle:
        raise SettingError(f"{where}: {idle[0]} answers for no township; every leader needs at least one.")


def _codes(where: str, form: re.Pattern[str], codes: Iterable[str]) -> None:
    times = Counter(codes)
    if not times:
        raise SettingError(f"{where}: is empty; a county needs at least one.")
    for code, count in times.items():
        if not form.fullmatch(code):
            raise SettingError(f"{where}: {code} is not a code of the form {form.pattern}; correct it.")
        if count > 1:
            raise SettingError(f"{where}: {code} is there {count} times; keep one.")


def _check_retaliation_to(county: County) -> None:
    outside = {post.code for post in county.posts if post.role in ("supervisor", "head")}
    for code in county.retaliation_to:
        if code not in outside:
            raise SettingError(
                f"county.toml, retaliation_to: {code} is no post of a supervisor or the head; "
                "name posts that take charge of no case."
            )


def _check_letterhead(county: County) -> None:
    if not _MARK.fullmatch(county.letterhead.mark):
        raise SettingError(
            "county.toml, letterhead: `mark` must be one to ten Chinese characters, e.g. 竹纪; correct it."
        )


def _check_map(county: County) -> None:
    times = Counter(code for row in county.map for code in row if code)
    if not times:
        return  # the townships stand in the order of the file
    if len({len(row) for row in county.map}) > 1 or len(county.map[0]) > WIDEST_MAP:
        raise SettingError(
            f'county.toml, map: make all rows equally long, at most {WIDEST_MAP}; fill them up with "".'
        )
    known = {township.code for township in county.townships}
    for code in sorted(times.keys() | known):
        if code not in known:
            raise SettingError(f"county.toml, map: {code} is not in townships.csv; correct it.")
        if times[code] != 1:
            raise SettingError(
                f"county.toml, map: township {code} is there {times[code]} times; give it one place."
            )
