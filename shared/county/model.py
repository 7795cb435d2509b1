"""What a county consists of, as it is read from its folder: facts and posts, never persons.

`name` is Chinese, `name_en` English. A code is lower-case letters, digits and `-`, unique among its kind.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

# Each role, and the kinds of unit in which a post of this role can stand.
ROLES: Mapping[str, tuple[str, ...]] = {
    "clerk": ("petition-office",),
    "head": ("head",),
    "leader": ("leader",),
    "office": ("office", "trial-office"),
    "team": ("team",),
    "township": ("township",),
    "liaison": ("agency",),
    "supervisor": ("petition-office", "supervision-office"),
    "operator": ("it-office",),
}
KINDS = tuple(dict.fromkeys(kind for kinds in ROLES.values() for kind in kinds))


def township_unit(code: str) -> str:
    """The code of the unit that is a township's own commission, from the township's code."""
    return f"township-{code}"


@dataclass(frozen=True)
class Zone:
    """A collaboration zone (协作区): a group of townships."""

    code: str
    name: str
    name_en: str


@dataclass(frozen=True)
class Township:
    """A township (乡镇) by its nine-digit division code; `zone` is a zone's code."""

    code: str
    name: str
    name_en: str
    zone: str

    @property
    def unit(self) -> str:
        """The code of the township's own commission (乡镇纪委)."""
        return township_unit(self.code)


@dataclass(frozen=True)
class ContentClass:
    """A first-level content class (内容分类) by its two-digit code; 99 is 其他."""

    code: str
    name: str
    name_en: str


@dataclass(frozen=True)
class Unit:
    """What can answer for a matter or be told of it: a leader's seat, office, team, township, agency."""

    code: str
    name: str
    name_en: str
    kind: str
    email: str


@dataclass(frozen=True)
class Post:
    """A post that signs in, with one role, in one unit; `unit` is the unit's code."""

    code: str
    name: str
    name_en: str
    role: str
    unit: str
    stands_in_for_head: bool = False


@dataclass(frozen=True)
class RosterEntry:
    """Who answers for a township (by code) from `starts_on` on: unit codes of leader, office and team."""

    township: str
    leader: str
    office: str
    team: str
    starts_on: date


@dataclass(frozen=True)
class Letterhead:
    """What the commission's official documents (公文) are issued with, in Chinese.

    issuer: the full name that stands in red and signs (发文机关); mark: the code that its document numbers
    begin with (机关代字), e.g. 竹纪; printed_by: the office that prints; copies_to: who else gets the
    bulletin.
    """

    issuer: str
    mark: str
    printed_by: str
    copies_to: str


@dataclass(frozen=True)
class County:
    """One county, complete and consistent: each code that is mentioned exists.

    The look-ups raise KeyError for a code that the county does not have.
    """

    code: str
    name: str
    name_en: str
    zones: tuple[Zone, ...]
    townships: tuple[Township, ...]
    content_classes: tuple[ContentClass, ...]
    units: tuple[Unit, ...]
    posts: tuple[Post, ...]
    roster: tuple[RosterEntry, ...]
    letterhead: Letterhead
    retaliation_to: tuple[str, ...] = ()
    map: tuple[tuple[str, ...], ...] = ()  # rows from north to south, each from west to east; "" is no place

    def township(self, code: str) -> Township:
        """The township with this nine-digit code."""
        return self._townships[code]

    def unit(self, code: str) -> Unit:
        """The unit with this code."""
        return self._units[code]

    def post(self, code: str) -> Post:
        """The post with this code."""
        return self._posts[code]

    def posts_of(self, unit: str) -> tuple[Post, ...]:
        """The posts in the unit with this code, in the order of the file."""
        return tuple(post for post in self.posts if post.unit == self._units[unit].code)

    def units_of(self, kind: str) -> tuple[Unit, ...]:
        """The units of one kind, in the order of the file; () when there are none."""
        return tuple(unit for unit in self.units if unit.kind == kind)

    def townships_of(self, zone: str) -> tuple[Township, ...]:
        """The townships of the zone with this code, in the order of the file."""
        return tuple(township for township in self.townships if township.zone == zone)

    @property
    def retaliation_posts(self) -> tuple[Post, ...]:
        """Who gets reports of retaliation (检举控告工作规则 49): as set, else every supervisor."""
        if self.retaliation_to:
            return tuple(self.post(code) for code in self.retaliation_to)
        return tuple(post for post in self.posts if post.role == "supervisor")

    @cached_property
    def _townships(self) -> dict[str, Township]:
        return {township.code: township for township in self.townships}

    @cached_property
    def _units(self) -> dict[str, Unit]:
        return {unit.code: unit for unit in self.units}

    @cached_property
    def _posts(self) -> dict[str, Post]:
        return {post.code: post for post in self.posts}
