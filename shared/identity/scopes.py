"""What each role reaches of each kind of matter: the one place that says so, closed by default.

Queries ask `where`, which takes from them only how a reach is written in SQL; views name their scope with
`within`; `huajie access` writes both into one table. Recusal (M8) takes away from every reach: queries ask
`not_excluded` besides.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, false, or_, true

from shared.identity.roles import EVERY_ROLE, Role, Viewer


class Reach(StrEnum):
    """How far a role reaches. Several add up."""

    ALL = "all"
    UNIT = "unit"  # what the own unit answers for, holds, or was sent
    TOWNSHIP = "township"  # what lies in the own township
    POST = "post"  # what the own post made or is named in
    DELEGATION = "delegation"  # all, while it reads for the head


@dataclass(frozen=True, eq=False)
class Scope:
    """Which of some matters a role reaches; a role that is not named reaches none."""

    name: str
    reaches: Mapping[Role, tuple[Reach, ...]]
    words: str  # for the table: what the reaches mean here
    recusal: bool = True  # whether what a unit is excluded from is taken away

    def of(self, role: Role) -> tuple[Reach, ...]:
        """How far a role reaches."""
        return self.reaches.get(role, ())

    def where(
        self, viewer: Viewer, conditions: Mapping[Reach, Callable[[], ColumnElement[bool]]]
    ) -> ColumnElement[bool]:
        """The condition for a viewer. `conditions`: how each reach but ALL is written for some table."""
        reaches = self.of(viewer.role)
        if Reach.ALL in reaches:
            return true()
        return or_(*(conditions[reach]() for reach in reaches)) if reaches else false()


ALL, UNIT, TOWNSHIP, POST, DELEGATION = ((reach,) for reach in Reach)
_OVERSEERS = {Role.CLERK: ALL, Role.HEAD: ALL, Role.SUPERVISOR: ALL}
_IN_CHARGE = {Role.LEADER: UNIT, Role.OFFICE: UNIT, Role.TEAM: UNIT}

PETITIONS = Scope(
    "petitions",
    {**_OVERSEERS, **_IN_CHARGE, Role.TOWNSHIP: TOWNSHIP + POST},
    "unit: its case is in the unit's charge; township: of the own township, once accepted; "
    "post: registered by the own post; what left by the sealed route is nobody's",
)
READING = Scope(
    "first reading",
    {Role.HEAD: ALL, Role.LEADER: DELEGATION},
    "delegation: all petitions, on the days for which the head delegated the reading",
)
PETITION_PAGE = Scope(
    "petitions, read",
    {**PETITIONS.reaches, Role.LEADER: UNIT + DELEGATION},
    f"{PETITIONS.words}; delegation: all, while the post reads for the head",
)
REQUESTS = Scope(
    "petitioners' requests",
    PETITIONS.reaches,
    "those on petitions within reach; reports of retaliation only for the posts that the county names, "
    "or the head where these are themselves complained of",
)
TRANSFERS = Scope(
    "transfers", {**_OVERSEERS, Role.LIAISON: UNIT}, "unit: transfers to the own agency, never who brought it"
)
IMPORTS = Scope("imports", {Role.CLERK: POST}, "post: files that the own post sent", recusal=False)
CASES = Scope(
    "cases",
    {
        **_OVERSEERS,
        Role.LEADER: UNIT + POST,
        Role.OFFICE: UNIT + POST,
        Role.TEAM: UNIT + POST,
        Role.TOWNSHIP: TOWNSHIP + POST,
    },
    "unit: in the unit's charge, an absent leader's for whom it stands in, or for the trial office to check; "
    "township: of the own township; post: named in the plan that stands",
)
CLOCKS = Scope(
    "clocks",
    {
        **_OVERSEERS,
        **_IN_CHARGE,
        Role.TOWNSHIP: UNIT + TOWNSHIP,
        Role.LIAISON: UNIT,
    },
    "unit: the unit holds the duty, or the matter is in its charge; township: matters of the own township",
)
CLOCK_REQUESTS = Scope(
    "requests about clocks",
    {**_OVERSEERS, **_IN_CHARGE, Role.TOWNSHIP: UNIT, Role.LIAISON: UNIT},
    "unit: the unit holds the duty, or the matter is in its charge",
)
LETTERS = Scope(
    "supervision letters",
    {**_OVERSEERS, **_IN_CHARGE, Role.TOWNSHIP: UNIT, Role.LIAISON: UNIT},
    "unit: addressed to the own unit; drafts are the supervisors'; a letter that lists a matter from which "
    "a unit is excluded does not exist for it",
)
EXTRACTS = Scope(
    "extracts for other agencies",
    {**_OVERSEERS, **_IN_CHARGE, Role.LIAISON: UNIT},
    "unit: of a matter in the unit's charge; for an agency what was issued to it, until recall or expiry",
)
SHARED_MATTERS = Scope(
    "matters of which extracts were made",
    {**_OVERSEERS, **_IN_CHARGE},
    "unit: the matter is in the unit's charge",
)
SHARING = Scope(
    "matters that can be shared",
    {Role.HEAD: ALL, Role.LEADER: UNIT, Role.OFFICE: UNIT},
    "unit: the matter is in the unit's charge",
)
IDENTITY_REQUESTS = Scope(
    "requests to see who a petitioner is",
    {**_OVERSEERS, Role.LEADER: ALL},
    "a rule of its own says who may decide: the head, or who reads for the head; never the post that asked",
)
NOTICES = Scope("notices", dict.fromkeys(EVERY_ROLE, UNIT), "unit: the own unit's inbox")
BOARD = Scope(
    "figures",
    {**_OVERSEERS, **_IN_CHARGE, Role.TOWNSHIP: TOWNSHIP},
    "counts only what the reader may see; unit: in the unit's charge; township: of the own township, once "
    "accepted",
)
DESK = Scope(
    "desk",
    {**_OVERSEERS, **_IN_CHARGE, Role.TOWNSHIP: UNIT + TOWNSHIP, Role.LIAISON: UNIT},
    "what waits for the reader, of each kind within its own scope; the operator sees figures of operation",
)
SUMMARIES = Scope(
    "summaries",
    {**_OVERSEERS, Role.LEADER: ALL},
    "each reader's own figures: what a unit is excluded from is not counted for it",
)
NOTHING = Scope("nothing", {}, "nothing of a matter is kept at this service: always not found")
