"""Works through the imports that were begun, a portion at a time, wherever it was left by whomever.

Which rows were dealt with stands in the database, in the transaction that dealt with them. Another
worker's import is left alone unless it has not moved for a while: then that worker is gone.
"""

import logging
import threading
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Select, false, or_, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from services.intake.identities.vault import vault_of
from services.intake.imports.commands import remove_old, write_out
from services.intake.imports.models import Import
from services.intake.imports.portions import Given, deal_with
from services.intake.imports.private import PrivateFolder
from services.intake.imports.rules import State
from services.intake.imports.sheets import Row, open_sheet
from shared import clock
from shared.county import load_county
from shared.errors import N_, Problem
from shared.runtime.service import Instance

log = logging.getLogger(__name__)
PORTION = 200  # rows: on SQLite about 0.2 s, for which other writers wait
ABANDONED = timedelta(seconds=2)
TRIES = 3
FAILED = N_(
    "Something went wrong here with the rows after row %(row)s. What was registered stays so. Tell the "
    "operator; the import can go on from there."
)


class OpenFile:
    """The file of an import on this machine's disk, read on from row `position`."""

    def __init__(self, session: Session, job: Import) -> None:
        self.id = job.id
        self.position = job.next_row
        self.fault: Problem | None = None
        self._folder = PrivateFolder()
        try:
            path = self._folder.path / "upload"
            write_out(session, job.id, path)
            self._sheet = open_sheet(path, job.filename, max_bytes=job.size)
        except BaseException:
            self._folder.close()
            raise
        self.last_row = max(job.header_row + (self._sheet.claimed_rows or 0), job.next_row)
        self._rows: Iterator[Row] = self._sheet.rows(after=self.position)

    def take(self) -> list[Row]:
        """The next rows; fewer than PORTION at the end or before damage, which is then in `fault`."""
        rows: list[Row] = []
        try:
            for row in self._rows:
                rows.append(row)
                if len(rows) == PORTION:
                    break
        except Problem as fault:
            self.fault = fault
        return rows

    def close(self) -> None:
        """Remove it from the disk."""
        self._sheet.close()
        self._folder.close()


class Runner:
    """Moves imports on, one after the other; it belongs to one thread. Close it after use.

    `begun`: an import that the caller has just begun, and that others leave alone at first.
    """

    def __init__(self, begun: UUID | None = None) -> None:
        self._open: OpenFile | None = None
        self._mine = begun

    def step(self, instance: Instance, only: UUID | None = None) -> bool:
        """Deal with one portion of an import, of `only` where given; False where there was none to do."""
        with instance.db.read() as session:
            job = session.scalar(self._to_do(only))
        if job is None or self._has_lost(job):
            self.close()
            return False
        try:
            return self._portion(instance, job)
        except OperationalError as error:
            self.close()  # the database is away; the task comes again
            log.warning("import waits for the database", extra=_about(job, error))
            return False
        except Exception as error:
            self.close()
            _count_failure(instance, job, error)
            return True

    def close(self) -> None:
        """Give back the file that is open."""
        self._mine = None
        if self._open is not None:
            self._open.close()
            self._open = None

    def _to_do(self, only: UUID | None) -> Select[Import]:
        mine = Import.id == self._mine if self._mine else false()
        left_alone = or_(Import.moved_at.is_(None), Import.moved_at < clock.now() - ABANDONED)
        running = select(Import).where(Import.state == State.RUNNING)
        if only is not None:
            running = running.where(Import.id == only)
        return running.where(or_(mine, left_alone)).order_by(Import.list_key).limit(1)

    def _has_lost(self, job: Import) -> bool:
        """Whether another worker has moved on what is open here: it is theirs now."""
        return self._open is not None and self._open.id == job.id and self._open.position != job.next_row

    def _portion(self, instance: Instance, job: Import) -> bool:
        file = self._file(instance, job)
        if file is None:
            return True
        rows = file.take()
        with instance.db.write() as session:
            locked = session.scalar(_running(job).with_for_update(skip_locked=True))
            if locked is None or locked.next_row != file.position:
                self.close()  # another worker has it, or it was removed
                return False
            if rows:
                deal_with(session, locked, rows, _given(instance))
            file.position = locked.next_row
            if len(rows) < PORTION:
                _end(locked, file)
        if len(rows) < PORTION:
            self.close()
        return True

    def _file(self, instance: Instance, job: Import) -> OpenFile | None:
        """The open file of an import; None where it cannot be read, which ends the import."""
        if self._open is not None and self._open.id == job.id:
            return self._open
        self.close()
        try:
            with instance.db.read() as session:
                self._open, self._mine = OpenFile(session, job), job.id
        except Problem as fault:
            with instance.db.write() as session:
                unreadable = session.scalar(_running(job).with_for_update())
                if unreadable is not None:
                    _stop(unreadable, fault)
        return self._open


def _running(job: Import) -> Select[Import]:
    """The import as it stands now, unless it was stopped or removed."""
    return select(Import).where(Import.id == job.id, Import.state == State.RUNNING)


def _given(instance: Instance) -> Given:
    return Given(load_county(instance.settings.county_dir), vault_of(instance))


def _end(job: Import, file: OpenFile) -> None:
    if file.fault is not None:
        _stop(job, file.fault)
        return
    job.blank += max(0, file.last_row - job.next_row)
    job.state, job.done_at = State.DONE, clock.now()


def _stop(job: Import, fault: Problem) -> None:
    job.state, job.done_at = State.STOPPED, clock.now()
    job.message, job.params = fault.message, fault.params


def _count_failure(instance: Instance, job: Import, error: Exception) -> None:
    """Our own mistake, or two imports of one row at once: tried again after a while, and then stopped."""
    log.error("a portion of an import failed", extra=_about(job, error), exc_info=error)
    with instance.db.write() as session:
        failed = session.scalar(_running(job).with_for_update())
        if failed is None:
            return
        failed.failures += 1
        failed.moved_at = clock.now()
        if failed.failures >= TRIES:
            _stop(failed, Problem(FAILED, row=failed.next_row))


def _about(job: Import, error: Exception) -> dict[str, object]:
    return {"job_id": str(job.id), "row": job.next_row, "error": type(error).__name__}


_own = threading.local()


def run(instance: Instance) -> bool:
    """One portion of whatever import waits. The task of intake."""
    if not hasattr(_own, "runner"):
        _own.runner = Runner()
    runner: Runner = _own.runner
    return runner.step(instance)


def clean(instance: Instance) -> bool:
    """Remove the files whose term is over. The other task of intake, now and then."""
    with instance.db.write() as session:
        count = remove_old(session)
    if count:
        log.info("files of old imports removed", extra={"count": count})
    return False
