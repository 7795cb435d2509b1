"""A ledger of its own to be tampered with: one service's shared tables on a private database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.db.base import SharedBase
from shared.db.engine import Database
from shared.identity.keys import Keys
from shared.ledger.digests import Digests
from tests.ground import keys_for
from tests.ledger.book import Book


@pytest.fixture
def book(database_url: str | None, tmp_path: Path) -> Iterator[Book]:
    """On SQLite and on PostgreSQL."""
    digests = Digests(Keys(keys_for("local"), "local", "intake"))
    url = database_url or f"sqlite:///{tmp_path}/ledger.db"
    db = Database(url, agency="local", ledger=digests)
    SharedBase.metadata.create_all(db.engine)
    yield Book(db, digests)
    db.close()
