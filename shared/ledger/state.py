"""States anew what the watched rows hold: after a new signing key, or a repair in the database by hand.

Each row gets a change `state` with its digest as it stands now. That it was done, and when, is itself on the
ledger: it cannot be used to hide what was changed before.
"""

from itertools import islice

from sqlalchemy import select

from shared.ledger.gather import GATHERING, Gathering
from shared.ledger.rows import OWN_HEADS
from shared.ledger.shapes import shapes_of
from shared.runtime.service import Instance

PORTION = 500


def state_rows(instance: Instance) -> int:
    """Write down the digest of every watched row; returns how many. One entry for each portion."""
    count = 0
    with instance.db.read() as reading:
        for shape in shapes_of(instance.service.all_metadata):
            columns = select(*shape.key, *(c for c in shape.columns if c.name == "type" and shape.is_fixed))
            streamed = reading.execute(columns.execution_options(yield_per=PORTION))
            while rows := list(islice(streamed, PORTION)):
                with instance.db.write() as session:
                    gathering: Gathering = session.info[GATHERING]
                    for row in rows:
                        if not (shape.is_fixed and row.type.endswith(OWN_HEADS)):
                            gathering.touch(shape, tuple(row)[: len(shape.key)], "state")
                            count += 1
    return count
