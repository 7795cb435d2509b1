"""`huajie import`: what it prints, asks and ends with."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from openpyxl import load_workbook

from services.intake.imports.demo import load_sample
from services.intake.imports.models import Import
from services.intake.registration.models import Petition
from shared.runtime.cli import main
from tests.ground import SECRET, Ground
from tests.intake.import_ground import row, table, workbook


@pytest.fixture
def huajie(stepped: Ground, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):  # type: ignore[no-untyped-def]
    monkeypatch.setenv("DATA_DIR", str(stepped.settings.data_dir))
    monkeypatch.setenv("MASTER_KEY_FILE", str(stepped.settings.master_key_file))
    monkeypatch.setenv("SECRET_KEY", SECRET)
    monkeypatch.setenv("KEYS_DIR", str(stepped.settings.keys_dir))
    for name in ("DATABASE_URL", "BUS_URL"):
        monkeypatch.delenv(name, raising=False)

    def run(content: bytes, *options: str, name: str = "p.xlsx", typed: str | None = None) -> Result:
        (tmp_path / name).write_bytes(content)
        return CliRunner().invoke(main, ["import", str(tmp_path / name), *options], input=typed)

    return run


def test_it_tells_what_became_of_the_file(stepped: Ground, huajie, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    refused = tmp_path / "refused.xlsx"
    said = huajie(workbook(row(1), row(2, 乡镇="无此镇")), "--yes", "--refused", str(refused))
    assert said.exit_code == 0, said.output
    assert "1 registered" in said.output
    assert "1 refused (行 rows 3)" in said.output
    assert "no township of the county" in said.output
    assert load_workbook(refused).worksheets[0]["A2"].value == "T00002"
    assert "http://127.0.0.1:8000/intake/imports/" in said.output
    again = huajie(workbook(row(1), row(2, 乡镇="无此镇")), "--yes")
    assert "1 known already" in again.output
    assert len(stepped.rows("intake", Petition)) == 1


def test_refused_rows_that_cannot_be_written(stepped: Ground, huajie, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    nowhere = tmp_path / "no such folder" / "refused.xlsx"
    said = huajie(workbook(row(1), row(2, 乡镇="无此镇")), "--yes", "--refused", str(nowhere))
    assert said.exit_code == 1
    assert isinstance(said.exception, SystemExit)
    assert "give --refused a file in a folder" in said.output
    assert len(stepped.rows("intake", Petition)) == 1


def test_a_file_that_cannot_be_read_ends_with_1(stepped: Ground, huajie) -> None:  # type: ignore[no-untyped-def]
    said = huajie(b"%PDF-1.7", "--yes", name="p.pdf")
    assert said.exit_code == 1
    assert "not a spreadsheet" in said.output
    assert "Traceback" not in said.output
    assert stepped.rows("intake", Import) == []


def test_nothing_is_left_when_the_columns_are_wrong(stepped: Ground, huajie) -> None:  # type: ignore[no-untyped-def]
    assert huajie(workbook(row(1)), typed="n\n").exit_code == 1
    assert huajie(workbook(["路坏了", "x"], header=("甲", "乙")), "--yes").exit_code == 1
    assert huajie(workbook(row(1)), "--map", "text=不存在", "--yes").exit_code == 2
    assert stepped.rows("intake", Import) == []
    assert stepped.rows("intake", Petition) == []


def test_columns_by_name_and_by_letter(stepped: Ground, huajie) -> None:  # type: ignore[no-untyped-def]
    content = table(["路坏了很久", "路"], header=("甲", "乙"), encoding="gbk")
    said = huajie(content, "--map", "text=甲", "--map", "title=B", "--received-on", "2026-02-03", typed="y\n")
    assert said.exit_code == 0, said.output
    (petition,) = stepped.rows("intake", Petition)
    assert (petition.text, petition.title, str(petition.received_on)) == ("路坏了很久", "路", "2026-02-03")


def test_another_post_than_a_clerks_is_refused(huajie) -> None:  # type: ignore[no-untyped-def]
    said = huajie(workbook(row(1)), "--yes", "--by", "head")
    assert said.exit_code == 2
    assert "clerk-1" in said.output


def test_the_sample_is_brought_in_once(stepped: Ground) -> None:
    said: list[str] = []
    load_sample(stepped.instance("intake"), said.append)
    assert len(stepped.rows("intake", Petition)) == 92  # a number given twice is registered, with a warning
    assert "行 rows 10, 19, 28, 37, 46, 55, 86, 95" in " ".join(said)
    load_sample(stepped.instance("intake"), said.append)
    assert len(stepped.rows("intake", Import)) == 1
