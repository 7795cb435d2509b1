"""The operator sees how each service is, and nothing of any matter."""

from datetime import timedelta

import pytest

from shared import clock
from shared.db.cursor import CatchUpCursor
from shared.db.inbox import Arrival, receive
from shared.db.watch import LastWord, LoopState, note_loops, note_words
from tests.bus.bad import good_body
from tests.factories import new_petition
from tests.ground import Ground
from tests.story import at

SERVICES = ("intake", "assignment", "supervision", "notify", "reporting")


def light(page: str) -> str:
    return next(tone for tone in ("red", "orange", "green") if f"light-{tone}" in page)


def card(ground: Ground, service: str) -> str:
    text: str = ground.client(service, "operator-1").get("/desk/part").text
    return text


def test_all_is_well_where_the_loops_run(together: Ground) -> None:
    new_petition(together)
    together.settle()
    for service in SERVICES:
        while not together.rows(service, LoopState):
            pass
        page = together.client(service, "operator-1").get("/ops").text
        assert "light-red" not in page, service
        assert light(card(together, service)) == "green", service
    assert "light-green" in together.client("supervision", "operator-1").get("/ops").text


def test_a_worker_that_nobody_sees_is_told(stepped: Ground) -> None:
    assert light(card(stepped, "notify")) == "red"
    with stepped.instance("notify").db.write() as session:
        note_loops(session, {"work": None, "relay": None})
    assert light(card(stepped, "notify")) == "green"
    with clock.travel(clock.now() + timedelta(minutes=10)):
        assert light(card(stepped, "notify")) == "red"


def test_a_loop_that_cannot_work_is_named_with_the_kind_of_its_error(stepped: Ground) -> None:
    with stepped.instance("notify").db.write() as session:
        note_loops(session, {"work": "ProgrammingError", "relay": None})
    page = card(stepped, "notify")
    assert "ProgrammingError" in page
    assert light(page) == "red"


def test_what_waits_and_what_is_parked_is_counted(stepped: Ground) -> None:
    with stepped.instance("intake").db.write() as session:
        note_loops(session, {"work": None})
    with clock.travel(at("2026-03-02 09:00")) as move:
        new_petition(stepped)
        with stepped.instance("intake").db.write() as session:
            note_loops(session, {"work": None})
        assert light(card(stepped, "intake")) == "green"
        move(timedelta(seconds=90))
        assert light(card(stepped, "intake")) == "orange"
        with stepped.instance("intake").db.write() as session:
            receive(session, [Arrival(b"not json")], set())
        assert light(card(stepped, "intake")) == "red"


def test_no_page_of_operation_shows_a_matter(stepped: Ground) -> None:
    petition = new_petition(stepped, title="桥头村的路", text="说来话长")
    stepped.carry()
    for service in SERVICES:
        for path in ("/ops", "/ops/parked", "/desk/part"):
            page = stepped.client(service, "operator-1").get(path).text
            assert petition["number"] not in page
            assert petition["id"] not in page
            assert "桥头村" not in page


@pytest.mark.parametrize("service", SERVICES)
def test_only_the_operator_sees_it(stepped: Ground, service: str) -> None:
    for post in ("clerk-1", "head", "leader-1", "supervisor-1", "liaison-police"):
        assert stepped.client(service, post).get("/ops").status_code == 403
        assert "light-red" not in card_of(stepped, service, post)


def card_of(ground: Ground, service: str, post: str) -> str:
    text: str = ground.client(service, post).get("/desk/part").text
    return text


def test_catch_up_keeps_who_was_asked_and_what_it_brought(stepped: Ground) -> None:
    new_petition(stepped)
    stepped.loops["intake"].relay.step()
    stepped.loops["notify"].catch_up.run_once()
    (cursor,) = stepped.rows("notify", CatchUpCursor, CatchUpCursor.producer == "intake")
    assert cursor.brought == 1
    assert cursor.failing is None
    assert cursor.asked_at == cursor.answered_at


def test_a_peer_that_does_not_answer_keeps_its_last_answer(stepped: Ground) -> None:
    catch_up = stepped.loops["notify"].catch_up
    catch_up.run_once()
    instance = stepped.instance("notify")
    card(stepped, "notify")  # from here on it knows whose the operator's session is
    instance.local_peer = lambda _name: _refuses
    assert set(catch_up.run_once().values()) == {None}
    for cursor in stepped.rows("notify", CatchUpCursor):
        assert cursor.failing == "HTTPStatusError"
        assert cursor.answered_at
        assert cursor.asked_at
        assert cursor.answered_at < cursor.asked_at
    with instance.db.write() as session:
        note_loops(session, {"work": None})
    page = card(stepped, "notify")
    assert light(page) == "orange"
    assert "HTTPStatusError" in page


def _refuses(_environ: object, start_response: object) -> list[bytes]:
    start_response("503 Service Unavailable", [("Content-Type", "text/plain")])  # type: ignore[operator]
    return [b"no"]


def test_a_last_word_is_the_newest_whatever_comes_after(stepped: Ground) -> None:
    earlier, later = at("2026-03-02 09:00"), at("2026-03-02 10:00")
    with stepped.instance("notify").db.write() as session:
        note_words(session, [("/local/intake", later), ("/local/intake", earlier)])
    with stepped.instance("notify").db.write() as session:
        note_words(session, [("/local/intake", earlier), ("/other/intake", earlier)])
    words = {word.source: word.occurred_at for word in stepped.rows("notify", LastWord)}
    assert words == {"/local/intake": later, "/other/intake": earlier}
    page = stepped.client("notify", "operator-1").get("/ops").text
    assert "other" in page


def test_what_nobody_asked_for_is_no_last_word(stepped: Ground) -> None:
    with stepped.instance("notify").db.write() as session:
        receive(session, [Arrival(good_body()), Arrival(b"not json")], set())
    assert stepped.rows("notify", LastWord) == []
