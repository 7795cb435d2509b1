"""An import from its file to its end in one go, told line by line: for `huajie import` and the sample."""

import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import select

from services.intake.imports import commands
from services.intake.imports.commands import Received
from services.intake.imports.models import Import, ImportFinding
from services.intake.imports.rules import Choices, State
from services.intake.imports.tasks import Runner
from shared import clock
from shared.runtime.service import Instance

Say = Callable[[str], None]
ROWS_NAMED = 20


def receive(instance: Instance, file: Path, folder: Path) -> Received:
    """Read a file of this machine as an upload is read."""
    with file.open("rb") as stream:
        return commands.receive(stream, file.name, folder, instance.settings.max_upload_bytes)


def begin(
    instance: Instance, received: Received, *, by: str, choose: Callable[[Import], Choices | None]
) -> Import | None:
    """Keep a received file and begin its import with what `choose` says; None where that is nothing."""
    with instance.db.write() as session:
        job = commands.take_in(session, received, by=by, max_bytes=instance.settings.max_upload_bytes)
    try:
        choices = choose(job)  # may ask a person: no transaction is open
        if choices is not None:
            with instance.db.write() as session:
                job = session.get_one(Import, job.id)
                commands.confirm(job, choices)
                job.moved_at = clock.now()  # ours: workers leave it alone
            return job
    finally:
        if job.state == State.MAPPING:
            with instance.db.write() as session:
                commands.remove(session, session.get_one(Import, job.id))
    return None


def run_through(instance: Instance, job: Import, say: Say) -> Import:
    """Move an import on to its end, or wait for the worker that does; says how far it is."""
    runner, told = Runner(begun=job.id), time.monotonic()
    try:
        while True:
            moved = runner.step(instance, only=job.id)
            with instance.db.read() as session:
                now = session.get_one(Import, job.id)
            if now.state != State.RUNNING:
                return now
            if not moved:
                time.sleep(0.5)
            if time.monotonic() - told >= 1:
                say(f"  {now.rows} 行 rows …")
                told = time.monotonic()
    finally:
        runner.close()


def summary(instance: Instance, job: Import) -> str:
    """What became of an import, in one line."""
    with instance.db.read() as session:
        errors = select(ImportFinding.row).where(
            ImportFinding.import_id == job.id, ImportFinding.severity == "error"
        )
        rows = session.scalars(errors.distinct().order_by(ImportFinding.row).limit(ROWS_NAMED + 1)).all()
    named = ", ".join(map(str, rows[:ROWS_NAMED])) + (" …" if len(rows) > ROWS_NAMED else "")
    return "; ".join(
        [
            f"登记 {job.registered} registered",
            f"退回 {job.refused} refused" + (f" (行 rows {named})" if named else ""),
            f"已有 {job.known} known already",
            f"提醒 {job.warned} with a warning",
            f"空行 {job.blank} blank",
        ]
    )
