"""The import over HTTP: who may, what is refused, what is forgotten."""

import io
import logging
from datetime import timedelta
from typing import Any

import pytest

from services.intake.imports import tasks
from services.intake.imports.models import ImportFinding, ImportPiece
from services.intake.registration.models import Petition
from shared import clock
from tests.ground import Ground
from tests.intake.import_ground import (
    begin,
    confirm,
    counts,
    imported,
    private_folders,
    result,
    row,
    table,
    upload,
    work,
    workbook,
)  # fmt: skip


@pytest.fixture
def clerk(stepped: Ground) -> Any:
    return stepped.client("intake", "clerk-1")


def test_an_upload_proposes_the_columns_and_registers_nothing(stepped: Ground, clerk: Any) -> None:
    answer = upload(clerk, workbook(row(1), row(2)))
    assert answer.status_code == 201, answer.text
    job = answer.json
    assert (job["state"], job["imported_before"], job["not_imported"]) == ("mapping", None, [])
    assert job["mapping"] == {
        "source_number": 0, "received_on": 1, "channel": 2, "petitioner_name": 3, "petitioner_phone": 4,
        "township": 5, "title": 6, "text": 7,
    }  # fmt: skip
    assert job["columns"][0] == {"index": 0, "label": "A 编号", "examples": ["T00001", "T00002"]}
    work(stepped)
    assert stepped.rows("intake", Petition) == []


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "a.xlsx", "empty"),
        (b"%PDF-1.7 no table", "a.pdf", "not a spreadsheet"),
        (b"PK\x03\x04 broken", "a.xlsx", "damaged"),
        (table(), "a.csv", "no row below"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook".encode("utf-16-le"), "a.xls", "old .xls format"),
    ],
)
def test_a_wrong_file_is_refused_with_what_to_do(
    stepped: Ground, clerk: Any, content: bytes, name: str, said: str
) -> None:
    answer = upload(clerk, content, name)
    assert answer.status_code == 422
    assert said in answer.json["detail"]
    assert "file" in answer.json["errors"]
    assert stepped.rows("intake", ImportPiece) == []


def test_no_file_at_all(clerk: Any) -> None:
    for data in ({}, {"file": "a text"}, {"file": (io.BytesIO(b""), "")}):
        answer = clerk.post("/api/imports", data=data, content_type="multipart/form-data")
        assert answer.status_code == 422, data
    assert clerk.post("/api/imports", json={"file": 1}).status_code in (415, 422)


class NeverRead(io.RawIOBase):
    """A body that must not be read."""

    def readable(self) -> bool:
        return True

    def readinto(self, _buffer: Any) -> int:
        raise AssertionError("the body was read")


@pytest.mark.parametrize("path", ["/api/imports", "/imports"])
def test_200_megabytes_are_refused_before_they_are_read(clerk: Any, path: str) -> None:
    answer = clerk.post(
        path,
        content_type="multipart/form-data; boundary=x",
        environ_overrides={"CONTENT_LENGTH": str(200 * 2**20), "wsgi.input": NeverRead()},
    )
    assert answer.status_code == 413
    assert "50 MB" in answer.text


def test_only_a_clerk_and_only_their_own(stepped: Ground, clerk: Any) -> None:
    job = begin(clerk, workbook(row(1)))
    paths = ["", "/problems", "/refused.xlsx"]
    for post, status in (("clerk-2", 404), ("head", 403), ("operator-1", 403), (None, 401)):
        other = stepped.client("intake", post)
        assert [other.get(f"/api/imports/{job['id']}{path}").status_code for path in paths] == [status] * 3
        assert other.delete(f"/api/imports/{job['id']}").status_code == status
        assert confirm(other, job).status_code == status
    assert stepped.client("intake", "clerk-2").get("/api/imports").json["items"] == []
    assert [item["id"] for item in clerk.get("/api/imports").json["items"]] == [job["id"]]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"mapping": {}}, "text"),
        ({"mapping": {"text": 7, "title": 7, "received_on": 1}}, "title"),
        ({"mapping": {"text": 99, "received_on": 1}}, "text"),
        ({"mapping": {"text": 7}}, "default_received_on"),
        ({"mapping": {"text": 7}, "default_received_on": "2999-01-01"}, "default_received_on"),
        ({"mapping": {"text": 7}, "default_received_on": "1900-01-01"}, "default_received_on"),
        ({"channel": "pigeon"}, "channel"),
        ({"organ": "circus"}, "organ"),
        ({"mapping": {"shoe_size": 1}}, "mapping.shoe_size.key"),
    ],
)
def test_a_wrong_mapping_is_refused_and_nothing_begins(
    stepped: Ground, clerk: Any, changes: dict[str, Any], field: str
) -> None:
    job = upload(clerk, workbook(row(1))).json
    answer = confirm(clerk, job, **changes)
    assert answer.status_code == 422
    assert field in answer.json["errors"], answer.json
    work(stepped)
    assert clerk.get(f"/api/imports/{job['id']}").json["state"] == "mapping"
    assert confirm(clerk, job).status_code == 200


def test_a_mapping_is_confirmed_once(clerk: Any) -> None:
    job = upload(clerk, workbook(row(1))).json
    assert confirm(clerk, job, version=job["version"] + 7).status_code == 409
    begun = confirm(clerk, job).json
    assert begun["state"] == "running"
    assert confirm(clerk, job).status_code == 409
    assert confirm(clerk, begun).status_code == 409
    assert clerk.post(f"/api/imports/{job['id']}/go-on").status_code == 409


def test_refused_rows_are_to_be_had_only_when_there_are_any(stepped: Ground, clerk: Any) -> None:
    running = begin(clerk, workbook(row(1)))
    assert clerk.get(f"/api/imports/{running['id']}/refused.xlsx").status_code == 409
    work(stepped)
    assert clerk.get(f"/api/imports/{running['id']}/refused.xlsx").status_code == 404


def test_the_name_of_the_returned_file_says_nothing_of_the_upload(stepped: Ground, clerk: Any) -> None:
    job = imported(stepped, workbook(row(1, 乡镇="无此镇")), name="李某某的信访件.xlsx")
    answer = clerk.get(f"/api/imports/{job['id']}/refused.xlsx")
    assert job["filename"] == "李某某的信访件.xlsx"
    assert f"refused-{clock.now():%Y%m%d}-{job['id'][:8]}.xlsx" in answer.headers["Content-Disposition"]


def test_a_removed_file_leaves_its_counts_and_its_petitions(stepped: Ground, clerk: Any) -> None:
    content = workbook(row(1), row(2, 乡镇="无此镇"))
    job = imported(stepped, content)
    assert clerk.delete(f"/api/imports/{job['id']}").status_code == 204
    gone = result(clerk, job["id"])
    assert (gone["state"], counts(gone)) == ("removed", {"registered": 1, "refused": 1})
    assert (gone["filename"], gone["columns"], gone["problems"]) == ("", [], [])
    assert clerk.get(f"/api/imports/{job['id']}/refused.xlsx").status_code == 404
    assert stepped.rows("intake", ImportPiece) == []
    assert stepped.rows("intake", ImportFinding) == []
    again = imported(stepped, content)
    assert counts(again) == {"known": 1, "refused": 1}
    assert len(stepped.rows("intake", Petition)) == 1


def test_of_an_upload_that_was_never_begun_nothing_is_left(stepped: Ground, clerk: Any) -> None:
    job = upload(clerk, workbook(row(1))).json
    assert clerk.delete(f"/api/imports/{job['id']}").status_code == 204
    assert clerk.get(f"/api/imports/{job['id']}").status_code == 404
    assert stepped.rows("intake", ImportPiece) == []


def test_a_running_import_can_be_removed(stepped: Ground, clerk: Any) -> None:
    job = begin(clerk, workbook(*map(row, range(tasks.PORTION + 1))))
    runner = tasks.Runner()
    runner.step(stepped.instance("intake"))
    assert clerk.delete(f"/api/imports/{job['id']}").status_code == 204
    assert not runner.step(stepped.instance("intake"))
    assert counts(clerk.get(f"/api/imports/{job['id']}").json) == {"registered": tasks.PORTION}


def test_files_are_kept_for_30_days(stepped: Ground, clerk: Any) -> None:
    instance = stepped.instance("intake")
    with clock.travel(clock.now()) as move:
        kept = imported(stepped, workbook(row(1)))
        begin(clerk, workbook(row(2)))  # runs on, however long that takes
        never_begun = upload(clerk, workbook(row(3))).json
        move(timedelta(days=29))
        tasks.clean(instance)
        assert len(stepped.rows("intake", ImportPiece)) == 3
        move(timedelta(days=2))
        tasks.clean(instance)
        assert len(stepped.rows("intake", ImportPiece)) == 1
        # A token is good for 8 hours.
        later = stepped.client("intake", "clerk-1")
        assert later.get(f"/api/imports/{kept['id']}").json["state"] == "removed"
        assert later.get(f"/api/imports/{never_begun['id']}").status_code == 404


def test_neither_logs_nor_folders_keep_anything(
    stepped: Ground, clerk: Any, caplog: pytest.LogCaptureFixture
) -> None:
    before = set(private_folders())
    marked = "标记丁戊己"
    with caplog.at_level(logging.DEBUG, logger="services"):
        job = imported(stepped, workbook(row(1, 反映内容=marked, 信访人=marked), row(2, 乡镇=marked)))
        clerk.get(f"/api/imports/{job['id']}/refused.xlsx")
        upload(clerk, marked.encode() * 3, f"{marked}.csv")
    assert marked not in caplog.text
    assert set(private_folders()) <= before
