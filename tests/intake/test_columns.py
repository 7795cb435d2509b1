"""Column names of offices, and mappings that a clerk sends back."""

import pytest

from services.intake.imports.columns import (
    _FIELD_OF,
    _SYNONYMS,
    FIELDS,
    REASON_COLUMN,
    ROW_COLUMN,
    check_mapping,
    column_label,
    not_imported,
    recognised,
    suggest_mapping,
)
from shared.errors import Invalid

HEADER = ["留言编号", "留言用户", "留言主题", "留言时间", "留言详情", "一级分类", "答复意见"]


def test_the_names_of_the_citizens_messages() -> None:
    mapping = suggest_mapping(HEADER)
    assert mapping == {
        "source_number": 0,
        "petitioner_name": 1,
        "title": 2,
        "received_on": 3,
        "text": 4,
        "content_class": 5,
    }
    check_mapping(HEADER, mapping)
    assert not_imported(HEADER, mapping) == ["G 答复意见"]


def test_a_name_means_one_field_only() -> None:
    assert len(_FIELD_OF) == len({*FIELDS}) + sum(len(set(names.split())) for names in _SYNONYMS.values())


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("内容", "text"),
        (" 反 映\n内　容： ", "text"),
        ("*反映内容（必填）", "text"),
        ("信访内容【不少于10字】", "text"),
        ("received_on", "received_on"),
        ("Received On", "received_on"),
        ("ｎａｍｅ", "petitioner_name"),
        ("(内容)", "text"),
        ("内容分类", "content_class"),
        ("答复时间", None),
        ("信访", None),
        ("", None),
        ("（）", None),
        ("内容" * 40, None),
    ],
)
def test_width_blanks_and_notes_do_not_matter(name: str, field: str | None) -> None:
    assert recognised(name) == field


def test_every_field_knows_its_own_name() -> None:
    assert [recognised(field) for field in FIELDS] == list(FIELDS)


def test_the_surer_name_wins_wherever_it_stands() -> None:
    assert suggest_mapping(["序号", "信访编号", "内容"])["source_number"] == 1
    assert suggest_mapping(["信访编号", "序号", "内容"])["source_number"] == 0
    assert suggest_mapping(["内容", "内容"])["text"] == 0


def test_the_columns_of_the_report_are_known_again() -> None:
    header = ["内容", ROW_COLUMN, REASON_COLUMN]
    assert suggest_mapping(header) == {"text": 0}
    assert not_imported(header, {"text": 0}) == []
    for index in (1, 2):
        with pytest.raises(Invalid, match="returned file"):
            check_mapping(header, {"text": 0, "title": index})


@pytest.mark.parametrize(
    ("mapping", "field", "says"),
    [
        ({}, "text", "Choose the column that holds the text"),
        ({"title": 2}, "text", "Choose the column that holds the text"),
        ({"text": 4, "title": 4}, "title", "Column E 留言详情 is chosen for two fields, text and title"),
        ({"text": 7}, "text", "one of its 7 columns"),
        ({"text": -1}, "text", "one of its 7 columns"),
        ({"text": True}, "text", "one of its 7 columns"),
        ({"text": "E"}, "text", "one of its 7 columns"),
        ({"text": 4, "mood": 5}, "mapping", "no such field"),
    ],
)
def test_what_is_wrong_with_a_mapping(mapping: dict[str, int], field: str, says: str) -> None:
    with pytest.raises(Invalid, match=says) as caught:
        check_mapping(HEADER, mapping)
    assert list(caught.value.fields) == [field]


def test_labels_are_letters_and_names() -> None:
    assert column_label(HEADER, 3) == "D 留言时间"
    assert column_label(["x"] * 30, 27) == "AB x"
    assert column_label([], 0) == "A"
    assert len(column_label(["长" * 500], 0)) == 62
