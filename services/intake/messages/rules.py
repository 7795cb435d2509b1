"""Who writes to whom, and how much.

条例 18, 21: whoever petitions can follow the matter and be asked; no article limits how. The daily limit
keeps one code from filling the inboxes of an office.
"""

from shared.errors import N_, OutOfOrder
from shared.identity.roles import Role

LONGEST = 5_000
MOST_A_DAY = 10  # of one petitioner
# Who may see the petition, of these: the clerk, those in charge, the township's own commission.
WRITERS = (Role.CLERK, Role.LEADER, Role.OFFICE, Role.TOWNSHIP)
READERS = (*WRITERS, Role.HEAD, Role.SUPERVISOR)


def check_pace(written_today: int) -> None:
    """Whether a petitioner may write once more today. Raises OutOfOrder."""
    if written_today >= MOST_A_DAY:
        raise OutOfOrder(N_("You have written 10 messages today. Go on tomorrow: they are all read."))
