"""Passwords that may be used, and tries to sign in that all count, however many come at once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.service import SERVICE
from shared import clock
from shared.errors import Invalid
from shared.identity.credentials import (
    FREE_TRIES,
    LONGEST_PAUSE,
    MOST_TRIES,
    WrongTries,
    begin_try,
    pause_after,
    set_password,
)
from shared.identity.passwords import check_password, fits, hashed
from shared.identity.signing_in import try_password
from tests.alone import OneService
from tests.ground import SECRET

GOOD = "lorry teapot meadow 42"


@pytest.fixture
def intake(tmp_path: Path, database_url: str | None) -> Iterator[OneService]:
    with OneService(SERVICE, tmp_path, database_url=database_url) as intake:
        with intake.db.write() as session:
            set_password(session, "clerk-1", GOOD, must_change=False)
        yield intake


@pytest.mark.parametrize("post", ["clerk-1", "nobody"])
def test_tries_at_the_same_time_all_count(intake: OneService, post: str) -> None:
    def one(_number: int) -> bool:
        with intake.db.write() as session:
            return begin_try(session, post, SECRET).is_looked_at

    with clock.travel(clock.now()) as move, ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(one, range(16))) == FREE_TRIES
        looked_at = FREE_TRIES
        for _ in range(MOST_TRIES):
            move(LONGEST_PAUSE)
            looked_at += sum(pool.map(one, range(4)))
        assert looked_at == MOST_TRIES
        move(timedelta(minutes=15))
        assert sum(pool.map(one, range(16))) == FREE_TRIES


def test_a_right_password_between_wrong_ones_counts_for_nothing(intake: OneService) -> None:
    with clock.travel(clock.now()) as move:
        for _ in range(2):
            assert not try_password(intake.db, SECRET, "clerk-1", "wrong")
            assert try_password(intake.db, SECRET, "clerk-1", GOOD)
            move(LONGEST_PAUSE)
        with intake.db.read() as session:
            assert session.get_one(WrongTries, "clerk-1").in_a_row == 2


def test_pauses_grow_and_have_an_end() -> None:
    pauses = [pause_after(wrong) for wrong in range(100)]
    assert pauses == sorted(pauses)
    assert (pauses[FREE_TRIES - 1], pauses[FREE_TRIES], pauses[-1]) == (
        timedelta(0),
        timedelta(seconds=1),
        LONGEST_PAUSE,
    )


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "eleven char",
        "x" * 201,
        "password1234",
        "Password!!!2026",
        "aaaaaaaaaaaaaaaa",
        "abababababababab",
        "123456789012",
        "qwertyuiopasd",
        "clerk-1-clerk",
        "CLERK1CLERK1",
        "ｐａｓｓｗｏｒｄ１２３４",
    ],
)
def test_passwords_that_are_guessed_first_are_refused(password: str) -> None:
    with pytest.raises(Invalid) as told:
        check_password("clerk-1", password)
    assert list(told.value.fields) == ["password"]


@pytest.mark.parametrize("password", [GOOD, "三月的雨下在桥头村的屋顶上", "clerk-1 rides a green donkey"])
def test_long_ones_are_taken_whatever_they_are_made_of(password: str) -> None:
    check_password("clerk-1", password)


@given(st.text(min_size=12, max_size=200))
def test_every_password_is_taken_or_refused_with_a_word(password: str) -> None:
    try:
        check_password("clerk-1", password)
    except Invalid as told:
        assert told.message


def test_what_looks_alike_is_alike_and_no_password_fits_none() -> None:
    assert fits(hashed("ｌｏｒｒｙ teapot meadow"), "lorry teapot meadow")
    assert not fits(None, "nobody")
    assert not fits("no hash", "x")
