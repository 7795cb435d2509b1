"""What becomes of rows: registered as they are, known again, refused with what to do."""

from datetime import timedelta
from typing import Any

import pytest

from services.intake.imports import tasks
from services.intake.registration.models import Petition
from shared import clock
from shared.contracts.intake import PetitionRegisteredV1
from shared.contracts.registry import contract_of
from tests.ground import Ground
from tests.intake.import_ground import (
    HEADER,
    begin,
    counts,
    imported,
    mended,
    result,
    row,
    table,
    upload,
    work,
    workbook,
)  # fmt: skip
from tests.intake.steps import people

pytestmark = pytest.mark.slow

REGISTERED = contract_of(PetitionRegisteredV1).key


def codes(job: dict[str, Any]) -> list[tuple[int, str, str]]:
    return [(each["row"], each["severity"], each["code"]) for each in job["problems"]]


def test_a_file_is_registered_row_by_row_with_its_events(stepped: Ground) -> None:
    job = imported(stepped, workbook(*map(row, range(5))))
    assert (job["state"], counts(job), job["problems"]) == ("done", {"registered": 5}, [])
    petitions = sorted(stepped.rows("intake", Petition), key=lambda p: p.number)
    assert [p.source_number for p in petitions] == [f"T{n:05d}" for n in range(5)]
    assert {(p.channel, p.township, p.registered_by, p.signature) for p in petitions} == {
        ("letter", "420324100", "clerk-1", "real_name")
    }
    events = stepped.outbox("intake", REGISTERED)
    assert [event.data["number"] for event in events] == [p.number for p in petitions]


def test_rare_characters_and_emoji_arrive_as_written(stepped: Ground) -> None:
    text = "𠮷家村的𪚥路😀坏了。\n第二段👨‍👩‍👧"
    imported(stepped, workbook(row(1, 反映内容=text, 信访人="𬎆某")))
    assert [p.text for p in stepped.rows("intake", Petition)] == [text]
    assert [p.name for p in people(stepped)] == ["𬎆某"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"反映内容": ""}, "missing_text"),
        ({"反映内容": "很" * 100_000}, "text_too_long"),
        ({"反映内容": "=A1&B1"}, "formula"),
        ({"来件日期": (clock.today() + timedelta(days=1)).isoformat()}, "invalid_received_on"),
        ({"来件日期": ""}, "missing_date"),
        ({"乡镇": "无此镇"}, "township_unknown"),
        ({"渠道": "口信"}, "channel_unknown"),
    ],
)
def test_a_bad_row_is_refused_and_the_others_go_in(
    stepped: Ground, changes: dict[str, object], code: str
) -> None:
    # An .xlsx cell holds 32,767 characters at most: a longer text comes as CSV.
    make = table if len(str(changes.get("反映内容", ""))) > 30_000 else workbook
    job = imported(stepped, make(row(1), row(2, **changes), row(3)))
    assert counts(job) == {"registered": 2, "refused": 1}
    assert codes(job) == [(3, "error", code)]
    assert job["problems"][0]["column"]
    assert len(stepped.outbox("intake", REGISTERED)) == 2


def test_all_faults_of_a_row_are_told_at_once(stepped: Ground) -> None:
    job = imported(stepped, workbook(row(1, 乡镇="无此镇", 渠道="口信", 联系电话="没有电话")))
    assert {code for _, _, code in codes(job)} == {"township_unknown", "channel_unknown", "phone_unreadable"}
    assert counts(job) == {"refused": 1}


def test_the_content_classes_are_the_countys(stepped: Ground) -> None:
    header = (*HEADER, "一级标签")
    names = ["城乡建设", "环境保护", "不是分类"]
    rows = [[*row(n), name] for n, name in enumerate(names)]
    job = imported(stepped, workbook(*rows, header=header))
    assert sorted(p.content_class or "" for p in stepped.rows("intake", Petition)) == ["08", "11"]
    assert codes(job) == [(4, "error", "content_class_unknown")]


def test_anonymous_is_no_name(stepped: Ground) -> None:
    imported(stepped, workbook(row(1, 信访人="匿名", 联系电话=""), row(2, 信访人="匿名")))
    assert {p.signature for p in stepped.rows("intake", Petition)} == {"anonymous"}
    assert [(p.name, p.phone) for p in people(stepped)] == [(None, "13800000002")]


def test_what_rows_do_not_say_is_what_the_clerk_chose(stepped: Ground) -> None:
    header = ("主题", "内容")
    job = imported(
        stepped,
        workbook(["路", "路坏了"], ["灯", "灯坏了"], header=header),
        channel="passed_on",
        organ="petition_bureau",
        default_received_on="2026-02-03",
    )
    assert counts(job) == {"registered": 2}
    found = {(p.channel, p.organ, str(p.received_on)) for p in stepped.rows("intake", Petition)}
    assert found == {("passed_on", "petition_bureau", "2026-02-03")}


def test_the_same_file_twice_registers_nothing_new(stepped: Ground) -> None:
    content = workbook(*map(row, range(3)))
    imported(stepped, content)
    client = stepped.client("intake", "clerk-1")
    assert upload(client, content).json["imported_before"] is not None
    again = imported(stepped, content)
    assert counts(again) == {"known": 3}
    assert {code for _, _, code in codes(again)} == {"known"}
    number = stepped.rows("intake", Petition)[0].number
    assert number in " ".join(each["message"] for each in again["problems"])
    assert len(stepped.outbox("intake", REGISTERED)) == 3


def test_the_same_rows_in_another_form_are_known(stepped: Ground) -> None:
    rows = [row(n) for n in range(3)]
    imported(stepped, workbook(*rows))
    rewritten = [[f" {r[0]}", "2026年3月5日", *r[2:]] for r in rows]
    for encoding in ("gbk", "utf-8-sig", "utf-16"):
        again = imported(stepped, table(*rewritten, encoding=encoding), name="t.csv")
        assert counts(again) == {"known": 3}, encoding


@pytest.mark.parametrize("between", [0, tasks.PORTION])
def test_the_same_row_twice_in_a_file(stepped: Ground, between: int) -> None:
    job = imported(stepped, workbook(row(1), *map(row, range(2, 2 + between)), row(1)))
    assert counts(job) == {"registered": 1 + between, "known": 1}
    assert codes(job) == [(3 + between, "known", "same_row")]
    assert "row 2" in job["problems"][0]["message"]


@pytest.mark.parametrize("between", [0, tasks.PORTION])
def test_a_number_given_twice_is_reported_and_registered(stepped: Ground, between: int) -> None:
    job = imported(stepped, workbook(row(1), *map(row, range(2, 2 + between)), row(9999, 编号="T00001")))
    assert counts(job) == {"registered": 2 + between, "warned": 1}
    assert codes(job) == [(3 + between, "warning", "number_twice")]
    assert "row 2" in job["problems"][0]["message"]


def test_a_number_of_an_earlier_file_is_reported(stepped: Ground) -> None:
    imported(stepped, workbook(row(1)))
    job = imported(stepped, workbook(row(1, 反映内容="别的事情，与路灯无关。")))
    assert codes(job) == [(2, "warning", "number_known")]
    assert counts(job) == {"registered": 1, "warned": 1}


def test_refused_rows_are_mended_and_sent_again(stepped: Ground) -> None:
    client = stepped.client("intake", "clerk-1")
    first = imported(stepped, workbook(row(1), row(2, 反映内容=""), row(3, 反映内容="=A1"), row(4)))
    assert counts(first) == {"registered": 2, "refused": 2}
    returned = client.get(f"/api/imports/{first['id']}/refused.xlsx")
    assert returned.status_code == 200
    assert counts(imported(stepped, returned.data)) == {"refused": 2}  # not mended
    job = imported(stepped, mended(returned.data, 反映内容="补上的内容，路灯坏了。"))
    assert counts(job) == {"registered": 2}
    assert job["not_imported"] == []
    assert sorted(p.source_number or "" for p in stepped.rows("intake", Petition)) == [
        f"T{n:05d}" for n in (1, 2, 3, 4)
    ]


def test_blank_rows_are_counted_and_left_out(stepped: Ground) -> None:
    blank = [""] * len(HEADER)
    job = imported(stepped, table(row(1), blank, blank, row(2), blank), name="t.csv")
    assert counts(job) == {"registered": 2, "blank": 3}


def test_what_a_registered_row_says_stands_in_no_finding(stepped: Ground) -> None:
    marked = "标记甲乙丙"
    values = dict.fromkeys(("来件日期", "渠道", "联系电话", "乡镇"), marked)
    job = imported(stepped, workbook(row(1, **values), row(2, 反映内容=f"={marked}")))
    assert counts(job) == {"refused": 2}
    assert marked not in str(job["problems"])


def test_many_bad_rows_are_paged_without_loss(stepped: Ground) -> None:
    client = stepped.client("intake", "clerk-1")
    job = begin(client, table(*(row(n, 乡镇="无此镇") for n in range(501))), name="t.csv")
    work(stepped)
    found = result(client, job["id"])
    assert [each["row"] for each in found["problems"]] == list(range(2, 503))
