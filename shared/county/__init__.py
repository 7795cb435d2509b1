"""The county as data: its townships, zones, units, posts, first roster and content classes.

Nothing in Huajie names a county in code. The folder `zhuxi` here is the one it starts with; another
county writes its own and points the setting COUNTY_DIR at it (`zhuxi/README.md` says how).
"""

from shared.county.load import load_county
from shared.county.model import (
    ContentClass,
    County,
    Letterhead,
    Post,
    RosterEntry,
    Township,
    Unit,
    Zone,
    township_unit,
)

__all__ = [
    "ContentClass",
    "County",
    "Letterhead",
    "Post",
    "RosterEntry",
    "Township",
    "Unit",
    "Zone",
    "load_county",
    "township_unit",
]
