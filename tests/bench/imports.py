"""A spreadsheet of 10,000 rows through `huajie import` on SQLite and on PostgreSQL: rows a second, and the
peak memory of the process with 2,000 and with 20,000 rows (aim: the same).
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from openpyxl import Workbook

from shared.crypto.master import new_keyring, write_keyring
from tests.bench.figures import Figure
from tests.servers import PostgreSQL

ROUNDS = 3
TOWNSHIPS = ("城关镇", "蒋家堰镇", "中峰镇", "水坪镇", "县河镇")


def measure() -> list[Figure]:
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        files = {rows: _file(directory, rows) for rows in (2_000, 10_000, 20_000)}
        small, large, sqlite, postgres = [], [], [], []
        with PostgreSQL() as server:
            for number in range(ROUNDS):
                sqlite.append(10_000 / _run(files[10_000], directory / f"a{number}")[0])
                url = server.create_database(f"import{number}")
                postgres.append(10_000 / _run(files[10_000], directory / f"b{number}", url)[0])
                small.append(_run(files[2_000], directory / f"c{number}")[1])
                large.append(_run(files[20_000], directory / f"d{number}")[1])
    return [
        Figure("import on SQLite", "rows/s", sqlite),
        Figure("import on PostgreSQL", "rows/s", postgres),
        Figure("peak memory, 2,000 rows", "MB", small),
        Figure("peak memory, 20,000 rows", "MB", large, "the same"),
    ]


def _file(directory: Path, rows: int) -> Path:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("来件")
    sheet.append(["编号", "来件日期", "渠道", "乡镇", "标题", "反映内容"])
    for number in range(rows):
        township = TOWNSHIPS[number % len(TOWNSHIPS)]
        text = f"示例{number}：反映村里道路多年失修，雨天不能通行，请求修缮。" * 4
        sheet.append([f"S{number}", "2026-03-05", "来信", township, f"道路失修 {number}", text])
    path = directory / f"{rows}.xlsx"
    book.save(path)
    return path


def _run(file: Path, data: Path, url: str | None = None) -> tuple[float, float]:
    """Seconds of the import and peak memory in MB of its process."""
    environment = os.environ | {"DATA_DIR": str(data)}
    if url:
        environment |= {
            "DATABASE_URL": url,
            "SECRET_KEY": "bench" * 8,
            "MASTER_KEY_FILE": str(data / "master-key"),
        }
        write_keyring(data / "master-key", new_keyring({}))
    huajie = str(Path(sys.executable).parent / "huajie")
    for command in ("keys", "migrate"):
        subprocess.run([huajie, command, "intake"], env=environment, check=True, stdout=subprocess.DEVNULL)
    began = time.perf_counter()
    process = subprocess.Popen(
        [huajie, "import", str(file), "--yes"], env=environment, stdout=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0, "the import failed"
    return time.perf_counter() - began, usage.ru_maxrss / 1024
