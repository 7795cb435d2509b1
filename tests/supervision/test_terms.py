"""The terms are data: with source and mark, one for each situation, superseded from a day on."""

import itertools
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.supervision.terms import queries
from services.supervision.terms.load import FOLDER, load_terms
from services.supervision.terms.models import DutyTerm
from services.supervision.terms.rules import MONTHS, UNITS, About, _fits, _precedence, choose, end
from shared import calendar
from shared.contracts.intake import ORGANS, PROCEDURES, SIGNATURES
from shared.contracts.supervision import DUTIES
from shared.county import load_county
from shared.errors import SettingError

DAYS = st.dates(date(2019, 1, 1), date(2029, 12, 31))
START = date(2026, 3, 10)


def chosen(session, duty, **about):
    terms = queries.terms_of(session, duty)
    every_start = dict.fromkeys({term.starts_with for term in terms}, START)
    found = choose(terms, About(duty=duty, **about), every_start)
    return (found[0].unit, found[0].length, found[0].article) if found else None


@pytest.mark.parametrize(
    ("duty", "about", "term"),
    [
        ("decision", {"organ": "petition_bureau", "signature": "real_name"}, ("calendar_days", 15, "22")),
        ("decision", {"organ": "police", "signature": "joint"}, ("calendar_days", 15, "23 ¶2")),
        ("decision", {"organ": "commission", "signature": "real_name"}, ("working_days", 15, "26")),
        (
            "decision",
            {"organ": "commission", "signature": "real_name", "superior_assigned": True},
            ("working_days", 5, "16"),
        ),
        ("receipt", {}, ("working_days", 5, "23 ¶3")),
        ("plan", {"procedure": "discipline"}, ("months", 1, "21")),
        ("handling", {"procedure": "petition"}, ("calendar_days", 60, "34")),
        ("handling", {"procedure": "petition", "later_round": True}, ("calendar_days", 30, "35")),
        ("handling", {"procedure": "discipline"}, ("given_date", None, "M9")),
        ("handling", {"procedure": "discipline", "superior_assigned": True}, ("months", 3, "21-22")),
        ("reply", {"procedure": "discipline", "signature": "real_name"}, ("working_days", 15, "27")),
        ("reply", {"procedure": "discipline", "signature": "anonymous"}, None),
        ("reply", {"procedure": "suggestion", "signature": "real_name"}, None),
        ("handling", {"procedure": None}, None),
    ],
)
def test_organ_category_and_procedure_choose_the_term(desk, duty, about, term):
    with desk.db.read() as session:
        assert chosen(session, duty, **about) == term


def situations():
    flags = (False, True)
    for duty in DUTIES:
        for values in itertools.product(ORGANS, PROCEDURES, SIGNATURES, flags, flags):
            organ, procedure, signature, superior, later = values
            yield About(duty, organ, "appeal", procedure, signature, superior, later)


def test_in_no_situation_do_two_terms_hold_alike(desk):
    with desk.db.read() as session:
        terms = queries.all_terms(session)
    for about in situations():
        ranks = [_precedence(term)[:2] for term in terms if _fits(term, about)]
        assert ranks.count(max(ranks, default=None)) < 2, about


def test_every_petition_has_a_decision_and_what_is_superior_assigned_no_longer_term(desk):
    with desk.db.read() as session:
        terms = queries.all_terms(session)
    starts = dict.fromkeys({t.starts_with for t in terms}, START)
    for about in (a for a in situations() if a.superior_assigned and not a.later_round):
        shorter = choose(terms, about, starts)
        usual = choose(terms, About(**{**vars(about), "superior_assigned": False}), starts)
        if about.duty == "decision":
            assert shorter and usual
        if usual and usual[0].length:
            ends = [end(t.unit, t.length, START).due_on for t, _ in (shorter, usual)]
            assert ends[0] <= ends[1], about


def with_line(folder, line):
    for name in ("terms.csv", "lights.csv"):
        (folder / name).write_text((FOLDER / name).read_text("utf-8"), "utf-8")
    with (folder / "terms.csv").open("a", encoding="utf-8") as file:
        file.write(line + "\n")


SHORTER = (
    "receipt,receipt,,,,,,,working_days,3,petition.transferred,transfer.signed|transfer.returned,,,,"
    "2026-06-01,某新规,7,T,改为3个工作日"
)


def test_a_later_version_holds_for_what_starts_from_then_on(desk, tmp_path):
    with_line(tmp_path, SHORTER)
    with desk.db.write() as session:
        load_terms(session, load_county(), tmp_path)
        terms = queries.terms_of(session, "receipt")
        lengths = [
            choose(terms, About("receipt"), {"petition.transferred": day})[0].length
            for day in (date(2015, 1, 1), date(2026, 5, 31), date(2026, 6, 1))
        ]
    assert lengths == [5, 5, 3]


def test_loading_again_changes_nothing(desk):
    with desk.db.write() as session:
        before = [t.id for t in queries.all_terms(session)]
        assert load_terms(session, load_county()) is False
        assert [t.id for t in queries.all_terms(session)] == before


@pytest.mark.parametrize(
    ("wrong", "right", "message"),
    [
        ("fortnights", "working_days", "unit"),
        ("case.closed", "petition.transferred", "starts_with"),
        (",Q,", ",T,", "mark"),
        ("2026-13-01", "2026-06-01", "effective_from"),
        (",working_days,0,", ",working_days,3,", "length"),
    ],
)
def test_a_wrong_line_is_named(desk, tmp_path, wrong, right, message):
    with_line(tmp_path, SHORTER.replace(right, wrong))
    lines = (tmp_path / "terms.csv").read_text("utf-8").count("\n")
    with (
        pytest.raises(SettingError, match=f"line {lines}.*{message}"),
        desk.db.write() as session,
    ):
        load_terms(session, load_county(), tmp_path)


@pytest.mark.parametrize("post", ["operator-1", "liaison-police", "township-420324100", "head"])
def test_everyone_reads_the_terms_and_what_is_not_confirmed(desk, post):
    body = desk.get(post, "/api/terms")
    marks = {row["mark"]: row["confirmed"] for row in body["items"]}
    assert marks == {"T": True, "P": False, "C": False, "M": False}
    assert all(row["source"] and row["article"] for row in body["items"])
    assert {row["light"] for row in body["lights"]} == {"yellow", "orange"}


@given(DAYS, st.sampled_from(UNITS), st.integers(1, 90))
def test_a_term_ends_on_a_working_day_after_its_start(start, unit, length):
    if unit == MONTHS:
        length = length % 12 + 1
    due = end(unit, length, start, given_on=start).due_on
    assert calendar.is_working_day(due)
    assert due >= start if unit == "given_date" else due > start


def test_no_term_of_the_table_is_without_a_length(desk):
    with desk.db.read() as session:
        terms: list[DutyTerm] = queries.all_terms(session)
    assert all((term.length is None) == (term.unit == "given_date") for term in terms)
