"""The board counts what a naive recount counts, for each viewer what they may see (M26, M8)."""

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from services.reporting.board.models import BoardCount
from services.reporting.board.rules import SHARES
from shared import clock
from shared.contracts.envelope import Envelope
from tests.alone import OneService
from tests.reporting.tale import LEADERS, MEASURES, NOW, TOWNSHIPS, Known, counts, tell
from tests.story import Story, at

pytestmark = pytest.mark.slow

STARTS = ("2026-03-02 09:00", "2026-04-13 09:00", "2026-05-04 09:00")
VIEWERS: dict[str, tuple[str, Callable[[Known], bool]]] = {
    "supervisor-1": ("supervision-office", lambda p: True),
    "head": ("head", lambda p: True),
    "clerk-1": ("petition-office", lambda p: True),
    "leader-1": ("leader-1", lambda p: p.leader == "leader-1"),
    "leader-2": ("leader-2", lambda p: p.leader == "leader-2"),
    "township-420324100": ("township-420324100", lambda p: p.accepted and p.township == "420324100"),
    "office-1-a": ("office-1", lambda p: p.leader is not None),
    "team-2": ("team-2", lambda p: False),
}


def fill(reporting: OneService, seed: int, many: int) -> list[Known]:
    rng = random.Random(seed)
    told: list[tuple[Known, list[Envelope]]] = []
    for number in range(1, many + 1):
        with clock.travel(at(rng.choice(STARTS))) as move:
            told.append(tell(rng, number, move))
    events = [event for _known, life in told for event in life]
    rng.shuffle(events)
    reporting.feed(*events)
    return [known for known, _life in told]


def board(reporting: OneService, post: str, **filters: str) -> dict[str, Any]:
    with clock.travel(at(f"{NOW} 12:00")):
        answer = reporting.client(post).get("/api/board", query_string=filters)
    assert answer.status_code == 200, answer.text
    return answer.json


def visible(petitions: list[Known], post: str) -> list[Known]:
    unit, mine = VIEWERS[post]
    return [p for p in petitions if mine(p) and unit not in p.excluded and not p.withdrawn]


def groups_of(petitions: list[Known], *columns: str) -> dict[Any, dict[str, int]]:
    groups: dict[Any, list[Known]] = {}
    for petition in petitions:
        key = tuple(getattr(petition, column) for column in columns)
        groups.setdefault(key, []).append(petition)
    return {key: counts(members) for key, members in groups.items()}


def test_the_counts_are_those_of_a_naive_recount(reporting: OneService) -> None:
    petitions = fill(reporting, seed=3, many=60)
    for summed_up in (False, True):
        if summed_up:
            reporting.run()
        for post in VIEWERS:
            mine, shown = visible(petitions, post), board(reporting, post)
            assert {name: shown["totals"][name] for name in MEASURES} == counts(mine), post
            for column in ("township", "leader", "content_class", "month"):
                found = {(g["code"],): {m: g[m] for m in MEASURES} for g in shown[f"by_{column}"]}
                assert found == groups_of(mine, column), (post, column)
            pairs = {
                (g["content_class"], g["month"]): {m: g[m] for m in MEASURES} for g in shown["over_time"]
            }
            assert pairs == groups_of(mine, "content_class", "month"), post


FILTERS: list[tuple[dict[str, str], Callable[[Known], bool]]] = [
    ({}, lambda p: True),
    ({"township": TOWNSHIPS[0]}, lambda p: p.township == TOWNSHIPS[0]),
    ({"leader": LEADERS[1]}, lambda p: p.leader == LEADERS[1]),
    ({"leader": "none"}, lambda p: p.leader is None),
    (
        {"content_class": "none", "until": "2026-04"},
        lambda p: p.content_class is None and p.month <= "2026-04",
    ),
    ({"since": "2026-04", "until": "2026-04"}, lambda p: p.month == "2026-04"),
    (
        {"township": TOWNSHIPS[1], "content_class": "05"},
        lambda p: (p.township, p.content_class) == (TOWNSHIPS[1], "05"),
    ),
]


def listed(client: FlaskClient, **filters: str) -> list[str]:
    numbers: list[str] = []
    after: str | None = None
    while True:
        page = client.get("/api/board/petitions", query_string={**filters, "limit": 7, "after": after}).json
        numbers += [row["number"] for row in page["items"]]
        after = page["next"]
        if after is None:
            return numbers


def test_behind_each_count_are_as_many_petitions_under_every_filter(reporting: OneService) -> None:
    petitions = fill(reporting, seed=4, many=40)
    for post in VIEWERS:
        for filters, left in FILTERS:
            mine = [p for p in visible(petitions, post) if left(p)]
            totals = board(reporting, post, **filters)["totals"]
            assert {name: totals[name] for name in MEASURES} == counts(mine), (post, filters)
            with clock.travel(at(f"{NOW} 12:00")):
                for measure, fits in MEASURES.items():
                    numbers = sorted((p.number for p in mine if fits(p)), reverse=True)
                    found = listed(reporting.client(post), measure=measure, **filters)
                    assert found == numbers, (post, filters, measure)


def test_the_list_tells_where_petitions_stand(reporting: OneService) -> None:
    petitions = fill(reporting, seed=1, many=30)
    for state in ("registered", "accepted", "declined", "transferred", "in_charge", "closed"):
        fitting = [p.number for p in visible(petitions, "head") if p.state == state]
        assert listed(reporting.client("head"), state=state) == sorted(fitting, reverse=True)
        assert fitting, "the tale has none of these"


def test_summing_up_leaves_one_row_for_each_cell_and_none_of_nothing(reporting: OneService) -> None:
    stories = [Story(n) for n in range(1, 4)]
    for story in stories:
        reporting.feed(story.registered(), story.accepted(), story.opened())
    reporting.feed(stories[0].withdrawn())
    reporting.run()
    with reporting.db.read() as session:
        (row,) = session.scalars(select(BoardCount)).all()
    assert (row.registered, row.open, row.leader, row.accepted) == (2, 2, "leader-1", True)
    for story in stories[1:]:
        reporting.feed(story.withdrawn())
    reporting.run()
    with reporting.db.read() as session:
        assert session.scalars(select(BoardCount)).all() == []


def test_shares_are_of_service_and_reward_no_silence(reporting: OneService) -> None:
    reporting.feed(*(Story(n).registered() for n in range(1, 4)))
    for story in (Story(4), Story(5), Story(6)):
        reporting.feed(story.registered(), story.accepted(), story.opened())
    closed, declined = Story(7), Story(8)
    reporting.feed(closed.registered(), closed.accepted(), closed.opened(), closed.closed())
    reporting.feed(closed.rated("satisfied"), declined.registered(), declined.declined())
    shown = board(reporting, "head")
    assert shown["totals"]["resolved_share"] == 14.3  # 1 of 7: what was declined is no part of it
    assert shown["totals"]["satisfied_share"] == 100.0
    assert shown["totals"]["late_share"] is None
    assert [key for key in shown if key.startswith("by_")] == [
        "by_content_class",
        "by_leader",
        "by_month",
        "by_township",
    ]


def test_an_excluded_viewer_finds_no_row_no_count_and_no_date(reporting: OneService) -> None:
    story = Story()
    reporting.feed(
        story.registered(),
        story.accepted(excluded=["township-420324100", "leader-1", "head"]),
        story.opened(),
        story.clock("started", uuid4(), NOW),
    )
    empty = board(reporting, "team-2")
    for post in ("township-420324100", "leader-1", "head"):
        shown = board(reporting, post)
        assert shown == empty | {"as_of": shown["as_of"]}
        assert reporting.client(post).get("/api/board/petitions").json == {"items": [], "next": None}
        page = reporting.client(post).get("/board")
        assert "<table" not in page.text
    assert board(reporting, "office-1-a")["totals"]["registered"] == 1


def test_a_petition_counts_only_once_its_registration_is_known(reporting: OneService) -> None:
    story = Story()
    reporting.feed(story.accepted(), story.opened())
    assert board(reporting, "head")["totals"]["registered"] == 0
    reporting.feed(story.registered())
    shown = board(reporting, "head")
    assert (shown["totals"]["registered"], shown["totals"]["open"]) == (1, 1)
    assert shown["by_leader"][0]["code"] == "leader-1"


def test_closing_never_erases_lateness(reporting: OneService) -> None:
    late, in_time = Story(1), Story(2)
    first, second = uuid4(), uuid4()
    for story in (late, in_time):
        reporting.feed(story.registered(), story.accepted(), story.opened())
    reporting.feed(
        late.clock("expired", first, NOW - timedelta(days=3)),
        late.clock("stopped", first, NOW, late=False),
        in_time.clock("started", second, NOW),
        in_time.clock("stopped", second, NOW),
        late.closed(),
        in_time.closed(),
    )
    totals = board(reporting, "head")["totals"]
    assert (totals["resolved"], totals["on_time"], totals["on_time_share"], totals["late"]) == (2, 1, 50.0, 0)


def test_groups_come_by_code_and_not_by_number(reporting: OneService) -> None:
    reporting.feed(
        *(Story(n, township="420324102").registered() for n in range(1, 4)),
        Story(4, township="420324101").registered(),
        Story(5).registered(township=None),
    )
    assert [g["code"] for g in board(reporting, "head")["by_township"]] == ["420324101", "420324102", None]


def test_an_empty_board_is_calm(reporting: OneService) -> None:
    shown = board(reporting, "head")
    assert shown["totals"] == dict.fromkeys(MEASURES, 0) | dict.fromkeys(SHARES)
    assert shown["by_township"] == shown["by_month"] == shown["over_time"] == []
    page = reporting.client("head").get("/")
    assert page.status_code == 200
    assert "<table" not in page.text


@pytest.mark.parametrize("post", ["operator-1", "liaison-police"])
def test_who_has_no_part_in_cases_sees_no_board(reporting: OneService, post: str) -> None:
    client = reporting.client(post)
    for path in ("/api/board", "/api/board/petitions", "/board", "/board/petitions"):
        assert client.get(path).status_code == 403
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    "query", ["since=2026-13", "township=%00", "state=secret", "measure=red", "limit=0", "limit=201"]
)
def test_a_wrong_filter_is_named(reporting: OneService, query: str) -> None:
    answer = reporting.client("head").get(f"/api/board/petitions?{query}")
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == [query.split("=")[0]]
    assert reporting.client("head").get(f"/board/petitions?{query}").status_code == 422


def test_the_pages_name_what_the_codes_mean_and_lead_on(reporting: OneService) -> None:
    story = Story()
    reporting.feed(story.registered(), story.accepted(), story.opened())
    client = reporting.client("head")
    page = client.get("/board")
    assert "城关镇" in page.text
    assert "/board/petitions?township=420324100" in page.text
    assert story.number in client.get("/board/petitions?township=420324100").text
    assert story.number not in client.get("/board/petitions?township=420324101").text
