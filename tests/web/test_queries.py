"""No page and no list asks the database once more for each row: with more of everything it asks as often.

Walks every readable address of every service (tests/pages.py) as every role that may read it, once with a
little of everything and again with several times as much.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, event
from werkzeug.test import TestResponse

from services import all_services
from tests.ground import Ground
from tests.growth import Growth
from tests.pages import Page, ids_for, pages_of, petitioner

MANY = re.compile(r"\(\?(, \?)+\)")  # however many keys one statement asks for, it is one
TURNS = 3  # how many more of everything the second time
Key = tuple[str, str, str | None]


@dataclass(frozen=True)
class Look:
    """A page that was looked at: at which ids, and the statements that it took."""

    page: Page
    ids: tuple[Any, ...]
    statements: Counter[str]


@contextmanager
def counted(ground: Ground) -> Iterator[Counter[str]]:
    """Counts the statements that the services send to their databases inside the block."""
    found: Counter[str] = Counter()

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        found[MANY.sub("(?)", statement)] += 1

    with ExitStack() as stack:
        for instance in ground.composed.instances.values():
            stack.enter_context(_listening(instance.db.engine, note))
        yield found


@contextmanager
def _listening(engine: Engine, note: Callable[..., None]) -> Iterator[None]:
    event.listen(engine, "before_cursor_execute", note)
    yield
    event.remove(engine, "before_cursor_execute", note)


def test_the_count_sees_a_query_per_row(stepped: Ground) -> None:
    with counted(stepped) as found, stepped.instance("notify").db.read() as session:
        units = session.connection().exec_driver_sql("SELECT code FROM unit LIMIT 7").scalars().all()
        for unit in units:
            session.connection().exec_driver_sql("SELECT kind FROM unit WHERE code = ?", (unit,))
    assert found.most_common(1) == [("SELECT kind FROM unit WHERE code = ?", 7)]


@pytest.mark.slow
@pytest.mark.timeout(900)  # it lets sixty petitions go their way
def test_more_rows_take_no_more_queries(stepped: Ground) -> None:
    growth = Growth(stepped)
    growth.turn()
    with growth.faults(1):
        before = _look_at_all(stepped, growth)
    before_portal = _portal(stepped, growth)
    for _ in range(TURNS):
        growth.turn()
    with growth.faults(1 + TURNS):
        worse = [text for look in before.values() if (text := _worse(stepped, look))]
    portal = _portal(stepped, growth) - before_portal
    assert worse == [] and not portal, "\n".join([*worse, *(f"portal: {s}" for s in portal)])


def _look_at_all(ground: Ground, growth: Growth) -> dict[Key, Look]:
    """Each address for each role; fails for one that nobody can be shown."""
    looks: dict[Key, Look] = {}
    unseen: set[tuple[str, str]] = set()
    for service in all_services():
        for page in pages_of(ground, service.name):
            unseen.add((page.service, page.rule))
            ids = _chosen(ids_for(ground, page, 500), growth)
            if ids is None:
                continue
            look = _look(ground, page, ids)
            if look is not None:
                looks[page.service, page.rule, page.post] = look
    shown = {(service, rule) for service, rule, _post in looks}
    assert unseen - shown == set(), "nobody sees these: the growth brings nothing for them to show"
    return looks


def _chosen(ids: list[tuple[Any, ...]], growth: Growth) -> tuple[Any, ...] | None:
    """Those of the petition that grows, where they are among them."""
    assert growth.grown is not None
    grown = {growth.grown.petition["id"], growth.grown.case_id}
    return min(ids, key=lambda each: (str(each[:1] and each[0]) not in grown, str(each)), default=None)


def _look(ground: Ground, page: Page, ids: tuple[Any, ...]) -> Look | None:
    """None where the reader has nothing there, as a leader without a delegation."""
    client = ground.client(page.service, page.post)
    client.get(page.at(ids))  # what is kept from the first time on
    with counted(ground) as statements:
        answer: TestResponse = client.get(page.at(ids))
    seen = answer.status_code in (200, 302, 303)
    assert seen or answer.status_code in (403, 404), f"{page} {ids}: {answer.text[:500]}"
    return Look(page, ids, statements) if seen else None


def _worse(ground: Ground, before: Look) -> str:
    after = _look(ground, before.page, before.ids)
    assert after is not None, before
    more = after.statements - before.statements
    if sum(after.statements.values()) <= sum(before.statements.values()):
        return ""
    most = "; ".join(f"{count} times more: {' '.join(s.split())[:300]}" for s, count in more.most_common(3))
    return f"{before.page.service} {before.page.rule} as {before.page.post}: {most}"


def _portal(ground: Ground, growth: Growth) -> Counter[str]:
    """What the petitioner of the grown petition looks at takes."""
    assert growth.grown is not None
    with counted(ground) as statements:
        browser = petitioner(ground, UUID(growth.grown.petition["id"]))
        assert browser.get("/portal/standing").status_code == 200
        looked_up = browser.post("/api/portal/lookup", json={"code": growth.grown.code})
        assert looked_up.status_code == 200, looked_up.text
    return statements
