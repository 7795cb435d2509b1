"""Files for an import and the steps of a clerk, as the tests of imports need them."""

import csv
import io
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from flask.testing import FlaskClient
from openpyxl import Workbook, load_workbook

from services.intake.imports.tasks import Runner
from tests.ground import Ground

HEADER = ("编号", "来件日期", "渠道", "信访人", "联系电话", "乡镇", "标题", "反映内容")
Row = Sequence[object]


def row(number: int, **changes: object) -> list[object]:
    """A good row; `changes` by the name of the column."""
    values: dict[str, object] = {
        "编号": f"T{number:05d}",
        "来件日期": "2026-03-05",
        "渠道": "来信",
        "信访人": f"张某{number}",
        "联系电话": f"1380000{number % 10_000:04d}",
        "乡镇": "城关镇",
        "标题": f"路灯不亮之{number}",
        "反映内容": f"第{number}盏路灯坏了很久，晚上看不清路。",
    }
    return list((values | changes).values())


def workbook(*rows: Row, header: Row = HEADER) -> bytes:
    """An .xlsx with these rows below the header; a text that begins with `=` becomes a formula."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for cells in (header, *rows):
        sheet.append(list(cells))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def table(*rows: Row, encoding: str = "utf-8", header: Row = HEADER) -> bytes:
    """The same as CSV."""
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    return text.getvalue().encode(encoding)


def damaged(count: int) -> bytes:
    """A workbook whose rows break off in the middle of the sheet."""
    source, target = ZipFile(io.BytesIO(workbook(*map(row, range(count))))), io.BytesIO()
    with ZipFile(target, "w") as archive:
        for name in source.namelist():
            content = source.read(name)
            if name.startswith("xl/worksheets/"):
                content = content[: content.rindex(b"<row") + 20]
            archive.writestr(name, content)
    return target.getvalue()


def upload(client: FlaskClient, content: bytes, name: str = "petitions.xlsx") -> Any:
    """The answer to an upload."""
    form = {"file": (io.BytesIO(content), name)}
    return client.post("/api/imports", data=form, content_type="multipart/form-data")


def confirm(client: FlaskClient, job: dict[str, Any], **changes: Any) -> Any:
    """The answer to confirming the columns as proposed, apart from `changes`."""
    body = {"version": job["version"], "mapping": job["mapping"]} | changes
    return client.put(f"/api/imports/{job['id']}/mapping", json=body)


def begin(
    client: FlaskClient, content: bytes, name: str = "petitions.xlsx", **changes: Any
) -> dict[str, Any]:
    """An import that was uploaded and confirmed."""
    answer = confirm(client, upload(client, content, name).json, **changes)
    assert answer.status_code == 200, answer.text
    job: dict[str, Any] = answer.json
    return job


def work(ground: Ground) -> None:
    """Deal with all imports that wait."""
    runner = Runner()
    while runner.step(ground.instance("intake")):
        pass


def imported(
    ground: Ground, content: bytes, name: str = "petitions.xlsx", by: str = "clerk-1", **changes: Any
) -> dict[str, Any]:
    """What became of a file: the import as the API shows it at the end, with its `problems`."""
    client = ground.client("intake", by)
    job = begin(client, content, name, **changes)
    work(ground)
    return result(client, job["id"])


def result(client: FlaskClient, import_id: str) -> dict[str, Any]:
    """An import with all its problems."""
    job: dict[str, Any] = client.get(f"/api/imports/{import_id}").json
    return job | {"problems": list(problems(client, import_id))}


def problems(client: FlaskClient, import_id: str, **arguments: Any) -> Iterator[dict[str, Any]]:
    """All problems, page by page."""
    after = None
    while True:
        query = arguments | ({"after": after} if after else {})
        page = client.get(f"/api/imports/{import_id}/problems", query_string=query).json
        yield from page["items"]
        after = page["next"]
        if after is None:
            return


def counts(job: dict[str, Any]) -> dict[str, int]:
    """The counts of an import that are not 0."""
    names = ("registered", "known", "refused", "warned", "blank")
    return {name: job[name] for name in names if job[name]}


def mended(content: bytes, **changes: object) -> bytes:
    """A returned file in which a clerk typed these values (by column) into every row."""
    book = load_workbook(io.BytesIO(content))
    sheet = book.worksheets[0]
    names = [cell.value for cell in sheet[1]]
    for line in range(2, sheet.max_row + 1):
        for name, value in changes.items():
            sheet.cell(line, names.index(name) + 1).value = value
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def wait_for(what: Any, seconds: float = 60.0) -> None:
    """Wait until `what()` is true."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def private_folders() -> list[Path]:
    """The folders for files with petitions in them that are on the disk now."""
    return list(Path(tempfile.gettempdir()).glob("huajie-private-*"))
