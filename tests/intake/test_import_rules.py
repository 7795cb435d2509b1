"""The pure part: what makes two rows the same, what a row is refused for; and where files lie meanwhile."""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.identities.vault import Hashes
from services.intake.imports.cells import CleanRow
from services.intake.imports.private import PrivateFolder
from services.intake.imports.report import write_report
from services.intake.imports.rows import Row, text_cell
from services.intake.imports.rules import Choices, judge, lookups_of, number_digest, row_digest
from shared.county import load_county
from shared.crypto.suites import SUITES

HASHES = Hashes(SUITES["aes"], b"a key")
TODAY = date(2026, 3, 5)
HEADER = ["编号", "来件日期", "反映内容", "人数"]
CHOICES = Choices({"source_number": 0, "received_on": 1, "text": 2, "petitioner_count": 3})
VALUES = st.dictionaries(
    st.sampled_from(["text", "title", "source_number", "petitioner_name", "place"]), st.text(max_size=20)
)


def judged(choices: Choices = CHOICES, **values: Any) -> Any:
    return judge(7, CleanRow({"text": "路坏了"} | values), choices, HEADER, load_county(), TODAY)


@given(VALUES, VALUES, st.randoms())
def test_rows_are_the_same_when_all_values_are(one: dict[str, str], other: dict[str, str], dice: Any) -> None:
    shuffled = list(one.items())
    dice.shuffle(shuffled)
    assert row_digest(HASHES, dict(shuffled)) == row_digest(HASHES, one)
    assert (row_digest(HASHES, one) == row_digest(HASHES, other)) == (one == other)
    assert row_digest(Hashes(SUITES["aes"], b"another"), one) != row_digest(HASHES, one)


def test_a_number_is_no_row() -> None:
    assert number_digest(HASHES, "7") != row_digest(HASHES, {"source_number": "7"})


@given(st.dates(date(2026, 1, 1), date(2026, 12, 31)))
def test_no_row_of_the_future(day: date) -> None:
    assert (judged(received_on=day).new is None) == (day > TODAY)


@given(st.dates(date(2026, 1, 1), TODAY), st.none() | st.dates(date(2026, 1, 1), TODAY))
def test_the_rows_own_day_goes_before_the_chosen_one(chosen: date, own: date | None) -> None:
    values = {} if own is None else {"received_on": own}
    new = judged(Choices(CHOICES.mapping, received_on=chosen), **values).new
    assert new.received_on == (own or chosen)


def test_a_joint_petition_needs_five_and_its_column_is_named() -> None:
    found = judged(received_on=TODAY, joint=True, petitioner_count=4)
    assert found.new is None
    assert [(p.field, p.column) for p in found.problems] == [("petitioner_count", "D 人数")]
    assert judged(received_on=TODAY, joint=True, petitioner_count=5).new.signature == "joint"


def test_lookups_hold_the_whole_county_in_both_languages() -> None:
    lookups, county = lookups_of(load_county()), load_county()
    assert set(lookups.content_classes.values()) == {each.code for each in county.content_classes}
    assert len(county.content_classes) == 17
    assert lookups.townships["城关镇"] == lookups.townships["chengguan"] == "420324100"


def test_a_private_folder_is_the_users_alone_and_goes() -> None:
    with PrivateFolder() as folder:
        assert folder.path.stat().st_mode & 0o777 == 0o700
        (folder.path / "upload").write_text("x")
    assert not folder.path.exists()


def test_the_folder_of_a_killed_process_is_swept_and_a_living_ones_is_not() -> None:
    pid = os.fork()
    if pid == 0:
        PrivateFolder()
        os._exit(0)  # as if killed: nothing is cleaned up
    os.waitpid(pid, 0)
    with PrivateFolder() as one, PrivateFolder() as two:
        left = set(Path(tempfile.gettempdir()).glob("huajie-private-*"))
        assert {one.path, two.path} <= left
        for path in left - {one.path, two.path}:
            with pytest.raises(BlockingIOError):  # held by a living process
                fcntl.flock(os.open(path / ".held", os.O_RDWR), fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_report_is_collected_beside_it(tmp_path: Path) -> None:
    seen: list[int] = []

    def rows() -> Iterator[tuple[Row, str]]:
        for number in range(2):
            seen.append(len(list(tmp_path.iterdir())))
            yield Row(number + 2, (text_cell("甲"),)), "原因"

    write_report(tmp_path / "r.xlsx", ["内容"], rows())
    assert seen == [1, 1]  # not in the common temporary folder
    assert {path.name for path in tmp_path.iterdir()} == {"r.xlsx"}


def test_a_report_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    def rows() -> Iterator[tuple[Row, str]]:
        yield Row(2, (text_cell("甲"),)), "原因"
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        write_report(tmp_path / "r.xlsx", ["内容"], rows())
    assert list(tmp_path.iterdir()) == []
