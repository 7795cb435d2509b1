"""The register is found by number, place and topic, by those who may see it, alike on both databases."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import insert

from services.intake.registration.models import Petition
from services.intake.registration.queries import register_page
from services.intake.service import SERVICE
from shared.county import load_county
from shared.db.engine import Database
from shared.identity.recusal import exclude
from shared.identity.roles import Role, Viewer
from tests.alone import OneService

CLERK = Viewer("clerk-1", Role.CLERK, "petition-office")
TOWNSHIP = Viewer("township-420324101", Role.TOWNSHIP, "township-420324101")
COUNTY = load_county()


def row(number: str, **changes: Any) -> dict[str, Any]:
    urgent = changes.get("superior_assigned", False)
    told = {
        "id": uuid4(),
        "number": number,
        "state": "accepted",
        "channel": "letter",
        "organ": "commission",
        "signature": "anonymous",
        "title": "村道没有完工",
        "text": "路修了一半。",
        "township": None,
        "place": None,
        "content_class": None,
        "source_number": None,
        "superior_assigned": urgent,
        "received_on": date(2026, 3, 2),
        "registered_at": datetime(2026, 3, 2, tzinfo=UTC),
        "registered_by": "clerk-1",
        "register_key": f"{int(urgent)}-{number}",
        "reading_key": f"{int(not urgent)}-2026-03-02-{number}",
        "version": 1,
    }
    return told | changes


ROWS = [
    row("ZX2025-000012", title="学校食堂收据对不上", place="双河口村", township="420324101"),
    row("ZX2026-000012", title="低保评定没有公示", place="桥头村三组", township="420324100"),
    row("ZX2026-000013", title="Unfinished ROAD", place="100%_路", content_class="09", source_number="来-77"),
    row("ZX2026-000123", township="420324101", superior_assigned=True, state="registered", channel="call"),
]


@pytest.fixture
def db(database_url: str | None, tmp_path: Path) -> Iterator[Database]:
    with OneService(SERVICE, tmp_path, database_url=database_url) as intake:
        with intake.db.write() as session:
            session.execute(insert(Petition), ROWS)
        yield intake.db


def found(db: Database, viewer: Viewer = CLERK, **arguments: Any) -> list[str]:
    with db.read() as session:
        page = register_page(session, viewer, {"limit": 50} | arguments, COUNTY)
        return [petition.number for petition in page["items"]]


FOUND = {
    "ZX2026-000012": ["ZX2026-000012"],
    "zx2026-000012": ["ZX2026-000012"],
    "2026-12": ["ZX2026-000012"],
    "12": ["ZX2026-000012", "ZX2025-000012"],
    "ZX2026-0001": ["ZX2026-000123"],
    "ZX2026-00001": ["ZX2026-000013", "ZX2026-000012"],
    "ZX2025": ["ZX2025-000012"],
    "桥头村": ["ZX2026-000012"],
    "低保 桥头": ["ZX2026-000012"],
    "低保 双河口": [],
    "蒋家堰": ["ZX2026-000123", "ZX2025-000012"],
    "jiangjiayan": ["ZX2026-000123", "ZX2025-000012"],
    "农村农业": ["ZX2026-000013"],
    "unfinished road": ["ZX2026-000013"],
    "100%_": ["ZX2026-000013"],  # signs of LIKE are signs like others
    "%": ["ZX2026-000013"],
    "来-77": ["ZX2026-000013"],
    "路修了一半": [],  # the text is not searched
}


def test_every_word_is_found_somewhere(db: Database) -> None:
    assert {words: found(db, q=words) for words in FOUND} == FOUND


def test_filters_and_words_together_and_page_by_page(db: Database) -> None:
    assert found(db, q="蒋家堰", state="registered", channel="call") == ["ZX2026-000123"]
    assert found(db, content_class="09") == ["ZX2026-000013"]
    with db.read() as session:
        first = register_page(session, CLERK, {"limit": 3}, COUNTY)
        rest = register_page(session, CLERK, {"limit": 3, "after": first["next"]}, COUNTY)
    numbers = [p.number for p in (*first["items"], *rest["items"])]
    assert numbers == ["ZX2026-000123", "ZX2026-000013", "ZX2026-000012", "ZX2025-000012"]
    assert rest["next"] is None


def test_a_search_finds_only_what_one_may_see(db: Database) -> None:
    assert found(db, TOWNSHIP, q="12") == ["ZX2025-000012"]
    assert found(db, TOWNSHIP, q="ZX2026-000123") == []  # of the township, but not screened yet
    with db.write() as session:
        exclude(session, ROWS[1]["id"], ["petition-office"])
    assert found(db, q="ZX2026-000012") == []
    assert found(db, q="低保") == []
