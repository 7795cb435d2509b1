"""An office brings in what it has screened before: accepted and routed, past whoever is complained of."""

from pathlib import Path

import pytest
from openpyxl import Workbook

from services.assignment.cases.models import Case
from services.intake.imports.rules import Choices, check_defaults
from services.intake.registration.models import Petition
from shared import clock
from shared.errors import Invalid
from shared.identity.recusal import Exclusion
from tests.ground import Ground

HEADER = ["来件日期", "乡镇", "反映内容", "被反映单位"]
ROWS = [
    ["2026-11-02", "城关镇", "村里的路多年失修，雨天走不了人。", None],
    ["2026-11-03", None, "不知道该找哪个乡镇。", None],
    ["2026-11-04", "水坪镇", "反映办理不公。", "第五纪检监察室"],
    ["2026-11-05", "水坪镇", "反映某人办事不公。", "某单位的一位负责人"],
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    book = Workbook()
    for row in [HEADER, *ROWS]:
        book.active.append(row)
    book.save(tmp_path / "screened.xlsx")
    return tmp_path / "screened.xlsx"


def bring_in(ground: Ground, file: Path, **choices: object) -> dict:
    clerk = ground.client("intake", "clerk-1")
    with file.open("rb") as content:
        job = clerk.post("/api/imports", data={"file": (content, file.name)}).json
    body = {"version": job["version"], "mapping": job["mapping"], **choices}
    answer = clerk.put(f"/api/imports/{job['id']}/mapping", json=body)
    assert answer.status_code == 200, answer.text
    ground.settle()
    while clerk.get(f"/api/imports/{job['id']}").json["state"] == "running":
        pass
    ground.settle()
    return clerk.get(f"/api/imports/{job['id']}").json


def test_they_go_to_the_leader_who_answers_for_their_township(together: Ground, file: Path) -> None:
    done = bring_in(together, file, accept_as="appeal")
    assert (done["registered"], done["refused"], done["warned"]) == (4, 0, 2)
    states = {p.text[:6]: p.state for p in together.rows("intake", Petition)}
    assert sorted(states.values()) == ["accepted", "accepted", "registered", "registered"]
    cases = together.rows("assignment", Case)
    assert {case.township for case in cases} == {"420324100", "420324103"}
    assert {e.unit for e in together.rows("assignment", Exclusion)} == {"office-5"}
    assert all(case.office != "office-5" for case in cases)


def test_without_the_choice_all_are_left_to_screening(together: Ground, file: Path) -> None:
    assert bring_in(together, file)["warned"] == 0
    assert {p.state for p in together.rows("intake", Petition)} == {"registered"}
    assert together.rows("assignment", Case) == []


def test_no_other_category_can_be_chosen() -> None:
    with pytest.raises(Invalid) as refused:
        check_defaults(Choices({"received_on": 0}, accept_as="out_of_scope"), clock.today())
    assert list(refused.value.fields) == ["accept_as"]
