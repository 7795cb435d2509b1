"""Writes a ledger, and tampers with it as somebody would who has the database to himself."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from shared.db.engine import Database
from shared.identity.recusal import Exclusion
from shared.ledger.digests import Digests
from shared.ledger.loop import LedgerLoop
from shared.ledger.verify import Verdict, check_chain


@dataclass
class Book:
    """The ledger of a service that keeps exclusions and nothing else."""

    db: Database
    digests: Digests

    def write(self, *units: str) -> UUID:
        """One transaction that excludes units from a new petition."""
        petition_id = uuid4()
        with self.db.write() as session:
            session.add_all(Exclusion(petition_id=petition_id, unit=unit) for unit in units)
        return petition_id

    @property
    def loop(self) -> LedgerLoop:
        return LedgerLoop(self.db, self.digests, "intake")

    def seal(self) -> None:
        while self.loop.step():
            pass

    def verify(self) -> Verdict:
        return check_chain(self.db, self.digests.keys)

    def tamper(self, statement: str, **values: Any) -> None:
        """A statement of SQL past the application."""
        with self.db.engine.begin() as connection:
            assert connection.execute(text(statement), values).rowcount

    def rows(self) -> list[dict[str, Any]]:
        """The entries as they lie in the table, by position."""
        with self.db.engine.begin() as connection:
            found = connection.execute(text("SELECT * FROM ledger_entry ORDER BY position"))
            return [dict(row) for row in found.mappings()]

    def put_back(self, rows: list[dict[str, Any]]) -> None:
        """Replace the whole table."""
        with self.db.engine.begin() as connection:
            connection.execute(text("DELETE FROM ledger_entry"))
            for row in rows:
                names = ", ".join(row)
                places = ", ".join(f":{name}" for name in row)
                connection.execute(text(f"INSERT INTO ledger_entry ({names}) VALUES ({places})"), row)
