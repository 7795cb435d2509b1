"""`python -m shared.contracts`: what a partner is told about a message, and never told again."""

import json
import shutil
import subprocess
import sys

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.__main__ import main
from shared.contracts.check import check
from shared.contracts.intake import PetitionAcceptedV1
from shared.contracts.publish import PUBLISHED, example_path
from shared.contracts.registry import all_contracts, contract_of
from tests.contracts.examples import ROOT, every_example, example_message, example_text

ACCEPTED = contract_of(PetitionAcceptedV1)
SECRET = "secret that must not be told"


def _problems(**changes):
    """What is said of the golden example with these attributes (or `data__field`s) changed; ... drops."""
    message = example_message(ACCEPTED, "full")
    for name, value in changes.items():
        part, field = (message["data"], name[6:]) if name.startswith("data__") else (message, name)
        if value is ...:
            del part[field]
        else:
            part[field] = value
    (verdict,) = check(json.dumps(message).encode())
    return list(verdict.problems)


@every_example
def test_every_golden_example_is_right(contract, name):
    (verdict,) = check(example_text(contract, name).encode())
    assert (verdict.type, list(verdict.problems)) == (contract.key, [])


WRONG = {
    "missing field": ({"data__number": ...}, ["data.number is missing"]),
    "missing attribute": ({"subject": ...}, ["subject is missing"]),
    "two at once": (
        {"id": ..., "data__township": ...},
        ["id is missing", "data.township is missing"],
    ),
    "closed list": (
        {"data__category": SECRET},
        ["data.category must be one of accusation, appeal, suggestion, out_of_scope"],
    ),
    "pattern": (
        {"data__number": SECRET},
        ["data.number must be a text of the form ^[A-Z]{2,8}[0-9]{4}-[0-9]{6,9}$"],
    ),
    "line end after a code": (
        {"data__township": "420324100\n"},
        ["data.township must be a text of the form ^[a-z0-9][a-z0-9_-]{0,63}$"],
    ),
    "within a list": (
        {"data__excluded": ["office-1", SECRET]},
        ["data.excluded[1] must be a text of the form ^[a-z0-9][a-z0-9_-]{0,63}$"],
    ),
    "too many": ({"data__excluded": ["office-1"] * 101}, ["data.excluded must be 100 or fewer items"]),
    "type of a field": ({"data__superior_assigned": 1}, ["data.superior_assigned must be true or false"]),
    "day": ({"data__received_on": "2.3.2026"}, ["data.received_on must be a date such as 2026-03-31"]),
    "day without hyphens": (
        {"data__received_on": "20260302"},
        ["data.received_on must be a date such as 2026-03-31"],
    ),
    "id": (
        {"data__petition_id": SECRET},
        ["data.petition_id must be a UUID such as 0b6f2c1e-93a4-4f0e-8a53-5c1b2f6d7e80"],
    ),
    "naive time": (
        {"time": "2026-03-02T10:15:00"},
        ["time must be a date and time with an offset such as 2026-03-31T09:30:00+08:00"],
    ),
    "null": ({"data__content_class": None}, ["data.content_class must be a text"]),
    "data": ({"data": [SECRET]}, ["data must be an object"]),
    "version of CloudEvents": ({"specversion": "0.3"}, ['specversion must be "1.0"']),
    "empty": ({"subject": ""}, ["subject must be 1 or more characters long"]),
    "other agency": ({"source": "/north/intake"}, ["source and type name different agencies or services"]),
    "no type": ({"type": ...}, ["type is missing or not a text"]),
    "future version": (
        {"type": "local.intake.petition.accepted.v9"},
        ["type has a version that is not published here: there is v1"],
    ),
    "unknown type": (
        {"type": f"local.{SECRET}"},
        ["type must be <agency>. and the name of a published event: see `python -m shared.contracts list`"],
    ),
    "path as type": (
        {"type": "local.../../../fields"},
        ["type must be <agency>. and the name of a published event: see `python -m shared.contracts list`"],
    ),
}


@pytest.mark.parametrize(("changes", "expected"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_message_is_told_what_it_should_be(changes, expected):
    assert sorted(_problems(**changes)) == sorted(expected)


def test_unknown_fields_and_attributes_are_no_fault():
    assert _problems(data__later="x", traceparent="y") == []


def test_a_whole_number_may_be_written_with_a_point():
    (rated,) = [c for c in all_contracts() if c.key == "intake.petition.rated.v1"]
    text = example_text(rated, "full").replace('"round": 2', '"round": 2.0')
    assert [list(v.problems) for v in check(text.encode())] == [[]]
    assert check(text.replace("2.0", "2.5").encode())[0].problems == ["data.round must be a whole number"]


BODIES = {
    "empty": (b"", ["holds no message"]),
    "empty list": (b"[]", ["holds no message"]),
    "not UTF-8": ("日期".encode("gbk"), ["is not text in UTF-8: save it so"]),
    "cut off": (b'{\n  "id": ', ["is not JSON: line 2, column 9"]),
    "no object": (b"3", ["is not a JSON object"]),
    "too deep": (b'{"a":' * 100_000, ["is nested too deeply"]),
}


@pytest.mark.parametrize(("body", "expected"), BODIES.values(), ids=BODIES.keys())
def test_what_holds_no_message_is_told_so(body, expected):
    assert [list(verdict.problems) for verdict in check(body)] == [expected]


def test_a_list_and_lines_are_judged_one_by_one():
    good, bad = example_message(ACCEPTED, "full"), example_message(ACCEPTED, "minimal")
    del bad["data"]["number"]
    expected = [("message 1", []), ("message 2", ["data.number is missing"])]
    as_list = check(json.dumps([good, bad]).encode())
    assert [(v.label, list(v.problems)) for v in as_list] == expected
    as_lines = check("\n".join(json.dumps(m, ensure_ascii=False) for m in (good, bad)).encode() + b"\r\n\n")
    assert [(v.label, list(v.problems)) for v in as_lines] == expected


def test_a_line_separator_within_a_text_does_not_end_the_line():
    message = example_message(ACCEPTED, "full")
    message["data"]["later"] = "a\u2028b"
    lines = "\n".join([json.dumps(message, ensure_ascii=False)] * 2)
    assert [list(v.problems) for v in check(lines.encode())] == [[], []]


def test_a_broken_line_is_found_among_good_ones():
    text = json.dumps(example_message(ACCEPTED, "full"))
    assert [v.label for v in check(f"{text}\n{text[:-9]}\n{text}".encode()) if v.problems] == ["message 2"]


def test_a_byte_order_mark_in_a_file_is_no_fault():
    assert not check(b"\xef\xbb\xbf" + example_text(ACCEPTED, "full").encode())[0].problems


@given(st.binary() | st.text().map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_anything_gets_a_verdict(body):
    assert all(verdict.problems for verdict in check(body))


@given(st.data())
def test_no_value_is_ever_quoted(data):
    message = example_message(data.draw(st.sampled_from(all_contracts())), "full")
    part = data.draw(st.sampled_from([message, message["data"]]))
    name = data.draw(st.sampled_from(sorted(part)))
    part[name] = data.draw(st.sampled_from([SECRET, [SECRET], {"x": SECRET}, {SECRET: 1}]))
    assert SECRET not in repr(check(json.dumps(message).encode()))


def _run(*arguments, **options):
    return CliRunner().invoke(main, arguments, **options)


def test_the_command_says_right_and_exits_0():
    path = example_path(PUBLISHED, ACCEPTED.key, "full")
    result = _run("check", str(path))
    assert (result.exit_code, result.output) == (0, f"{path}: right ({ACCEPTED.key})\n")


def test_the_command_says_what_is_wrong_and_exits_1(tmp_path):
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text(example_text(ACCEPTED, "full"))
    bad.write_text(example_text(ACCEPTED, "full").replace("ZX2026-000123", SECRET))
    result = _run("check", str(bad), str(good))
    assert result.exit_code == 1
    assert f"{bad}: wrong ({ACCEPTED.key})\n  data.number must be a text of the form" in result.output
    assert f"{good}: right" in result.output
    assert SECRET not in result.output


def test_the_command_reads_standard_input():
    result = _run("check", "-", input=example_text(ACCEPTED, "minimal"))
    assert (result.exit_code, result.output) == (0, f"standard input: right ({ACCEPTED.key})\n")


def test_a_file_that_is_not_there_is_named(tmp_path):
    result = _run("check", str(tmp_path / "nothing.json"))
    assert result.exit_code == 2
    assert "No such file" in result.output


def test_list_names_every_event():
    output = _run("list").output
    assert all(contract.key in output for contract in all_contracts())


def test_publish_finds_nothing_to_do():
    result = _run("publish")
    assert (result.exit_code, result.output) == (0, "published/ is up to date\n")


def test_a_partner_needs_only_the_contracts(tmp_path):
    """A copy of shared/contracts and the clock is enough; nothing else of Huajie is there."""
    shared = tmp_path / "shared"
    shutil.copytree(ROOT / "shared/contracts", shared / "contracts")
    for name in ("__init__.py", "clock.py"):
        shutil.copy(ROOT / "shared" / name, shared / name)
    done = subprocess.run(
        [sys.executable, "-m", "shared.contracts", "check", "-"],
        cwd=tmp_path,
        input=example_text(ACCEPTED, "full").encode(),
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == f"standard input: right ({ACCEPTED.key})\n".encode()
