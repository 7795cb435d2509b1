"""A spreadsheet of 10,000 rows through `huajie import` into PostgreSQL, and one of 100,000 rows with the web
and worker processes of intake and reporting at work beside it on RabbitMQ: rows a second of the import, and
from its beginning until the board has counted them all; once each, since each is many rows. The peak memory
of the importing process with 10,000 and with 100,000 rows (aim: the same).
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import func, select

from services.reporting.board.models import BoardPetition
from shared.crypto.master import new_keyring, write_keyring
from shared.db.engine import Database
from shared.web.app import SERVICE_NAMES
from shared.workbook import Column, add_table, new_book
from tests.bench.figures import Figure, amount
from tests.chaos.deployment import ROOT, Deployment
from tests.processes import wait_until
from tests.servers import PostgreSQL, RabbitMQ

SMALL, LARGE = amount(10_000, 200), amount(100_000, 1_000)
COUNTED_WITHIN = 1_200.0
AT_WORK = ("intake", "reporting")  # with all five, two cores would be busy for ten minutes
TOWNSHIPS = ("城关镇", "蒋家堰镇", "中峰镇", "水坪镇", "县河镇")


def measure() -> list[Figure]:
    with tempfile.TemporaryDirectory() as name, PostgreSQL() as server:
        directory = Path(name)
        small, large = (_file(directory, rows) for rows in (SMALL, LARGE))
        alone, memory = _prepared(small, directory / "alone", server.create_database("alone"))
        took, counted, peak = _at_work(large, server, directory)
    return [
        Figure(f"import of {SMALL:,}", "rows/s", [SMALL / alone]),
        Figure(f"import of {LARGE:,} beside the services at work", "rows/s", [LARGE / took]),
        Figure("… until the board has counted them all", "s", [counted]),
        Figure("… from row to board", "rows/s", [LARGE / counted]),
        Figure(f"peak memory, {SMALL:,} rows", "MB", [memory]),
        Figure(f"peak memory, {LARGE:,} rows", "MB", [peak], "the same"),
    ]


def _file(directory: Path, rows: int) -> Path:
    path = directory / f"{rows}.xlsx"
    with new_book(path) as book:
        columns = [Column(name) for name in ("编号", "来件日期", "渠道", "乡镇", "标题", "反映内容")]
        add_table(book, "来件", columns, map(_row, range(rows)))
    return path


def _row(number: int) -> list[str]:
    township = TOWNSHIPS[number % len(TOWNSHIPS)]
    text = f"示例{number}：反映村里道路多年失修，雨天不能通行，请求修缮。" * 4
    return [f"S{number}", "2026-03-05", "来信", township, f"道路失修 {number}", text]


def _prepared(file: Path, data: Path, url: str) -> tuple[float, float]:
    """Seconds of the import into a new database, and peak memory in MB of its process."""
    environment = os.environ | {
        "DATA_DIR": str(data),
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": url,
        "SECRET_KEY": "bench" * 8,
        "MASTER_KEY_FILE": str(data / "master-key"),
    }
    write_keyring(data / "master-key", new_keyring({}))
    for command in ("keys", "migrate"):
        subprocess.run(_huajie(command, "intake"), env=environment, check=True, stdout=subprocess.DEVNULL)
    return _import(file, environment)


def _at_work(file: Path, postgres: PostgreSQL, directory: Path) -> tuple[float, float, float]:
    """Seconds of the import and until the board has counted all; and the peak memory in MB."""
    for service in SERVICE_NAMES:
        postgres.create_database(service)
    with RabbitMQ() as rabbit:
        url = postgres.url("{service}")
        settings = {"RUNS": ",".join(AT_WORK), "CATCH_UP_SECONDS": "60"}
        with Deployment(list(AT_WORK), url, rabbit.url, directory, **settings) as deployment:
            began = time.perf_counter()
            took, peak = _import(file, deployment.environment)
            board = Database(postgres.url("reporting"), agency="local")
            assert wait_until(lambda: _counted(board) >= LARGE, COUNTED_WITHIN), "the board did not count all"
            counted = time.perf_counter() - began
            board.close()
    return took, counted, peak


def _counted(db: Database) -> int:
    count = select(func.count()).select_from(BoardPetition).where(BoardPetition.registered_on.is_not(None))
    with db.read() as session:
        return session.scalar(count) or 0


def _import(file: Path, environment: dict[str, str]) -> tuple[float, float]:
    """Seconds, and the peak memory in MB of the process."""
    began = time.perf_counter()
    command = _huajie("import", str(file), "--yes")
    process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0, "the import failed"
    return time.perf_counter() - began, usage.ru_maxrss / 1024


def _huajie(*command: str) -> list[str]:
    return [sys.executable, "-m", "shared.runtime", *command]
