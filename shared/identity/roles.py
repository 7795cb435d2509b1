"""The roles of the county's mechanism and the person who is signed in."""

from dataclasses import dataclass
from enum import StrEnum

from shared.county import township_unit


class Role(StrEnum):
    """What a post does. A person in two posts signs in to the one they act in."""

    CLERK = "clerk"  # registers and screens
    HEAD = "head"  # reads every petition
    LEADER = "leader"  # answers for townships and their cases
    OFFICE = "office"  # the counterpart office handles
    TEAM = "team"  # the cooperating team takes part
    TOWNSHIP = "township"  # the township's own commission
    LIAISON = "liaison"  # another agency
    SUPERVISOR = "supervisor"  # sees that it is done, on time
    OPERATOR = "operator"  # keeps the machines, sees no matter


@dataclass(frozen=True)
class Viewer:
    """Who acts: a post with its role and the unit that it belongs to."""

    post: str
    role: Role
    unit: str

    @property
    def township(self) -> str | None:
        """The township code, for a township's post."""
        return self.unit.removeprefix(township_unit("")) if self.role is Role.TOWNSHIP else None


EVERY_ROLE = frozenset(Role)
SEES_ALL = frozenset({Role.CLERK, Role.HEAD, Role.SUPERVISOR})  # every matter, but for recusals
CASEWORK = frozenset(
    {Role.CLERK, Role.HEAD, Role.LEADER, Role.OFFICE, Role.TEAM, Role.TOWNSHIP, Role.SUPERVISOR}
)
