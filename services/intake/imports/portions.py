"""One portion of an import in one transaction: its good rows registered, the others told why not.

Where the transaction is lost, nothing of the portion has happened and it is done again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from services.intake.identities.vault import Hashes, Vault
from services.intake.imports.cells import Lookups, Problem, clean_row
from services.intake.imports.columns import column_label
from services.intake.imports.models import Import, ImportFinding, ImportMark
from services.intake.imports.rules import (
    NOTES,
    Choices,
    Judged,
    judge,
    lookups_of,
    note,
    number_digest,
    row_digest,
)
from services.intake.imports.sheets import Row
from services.intake.registration.commands import register_many
from services.intake.registration.models import Petition
from services.intake.screening.commands import Acceptance, accept
from shared import clock
from shared.county import County
from shared.errors import Invalid
from shared.errors import Problem as Refusal
from shared.identity.recusal import excluded_units
from shared.identity.roles import Role, Viewer


@dataclass(frozen=True)
class Given:
    """What an installation brings to each import."""

    county: County
    vault: Vault

    @property
    def lookups(self) -> Lookups:
        return lookups_of(self.county)


@dataclass(frozen=True)
class Known:
    """Where a digest was met before: the petition, and the row of this file or None for another import."""

    number: str
    row: int | None


def deal_with(session: Session, job: Import, rows: Sequence[Row], given: Given) -> None:
    """Register the good ones of these rows, note the findings of all, and move the import on."""
    judged = _judge(job, rows, given, given.vault.hashes(session))
    good = [each for each in judged if each.new is not None]
    known = _known(session, job, good)
    fresh, repeated = _sort_out(good, known)
    _register(session, job, fresh, known, given)
    for each in repeated:
        each.problems = [_known_note(known[each.digest])]
    _keep_findings(session, job, judged)
    job.rows += len(rows)
    job.registered += len(fresh)
    job.known += len(repeated)
    job.refused += len(judged) - len(good)
    job.warned += sum(bool(each.problems) for each in fresh)
    job.blank += rows[-1].number - job.next_row - len(rows)
    job.next_row = rows[-1].number
    job.moved_at, job.failures = clock.now(), 0


def _judge(job: Import, rows: Sequence[Row], given: Given, hashes: Hashes) -> list[Judged]:
    lookups, today = given.lookups, clock.today()
    choices = Choices(job.mapping, job.channel, job.organ, job.received_on, job.accept_as)
    found = []
    for row in rows:
        clean = clean_row(row, job.mapping, lookups, job.header)
        each = judge(row.number, clean, choices, job.header, given.county, today)
        if each.new is not None:
            each.digest = row_digest(hashes, clean.values)
            if each.new.source_number:
                each.number_digest = number_digest(hashes, each.new.source_number)
        found.append(each)
    return found


def _known(session: Session, job: Import, good: Iterable[Judged]) -> dict[str, Known]:
    digests = {d for each in good for d in (each.digest, each.number_digest) if d}
    met = (
        select(ImportMark.digest, ImportMark.import_id, ImportMark.row, Petition.number)
        .join(Petition, Petition.id == ImportMark.petition_id)
        .where(ImportMark.digest.in_(digests))
    )
    return {
        mark.digest: Known(mark.number, mark.row if mark.import_id == job.id else None)
        for mark in session.execute(met)
    }


def _sort_out(good: Iterable[Judged], known: dict[str, Known]) -> tuple[list[Judged], list[Judged]]:
    """The rows to register, and those that were met before, in this portion too."""
    fresh: list[Judged] = []
    repeated: list[Judged] = []
    seen: set[str] = set()
    for each in good:
        if each.digest in known or each.digest in seen:
            repeated.append(each)
        else:
            seen.add(each.digest)
            fresh.append(each)
    return fresh, repeated


def _register(
    session: Session, job: Import, fresh: Sequence[Judged], known: dict[str, Known], given: Given
) -> None:
    """Register rows, and mark them and their numbers as known."""
    news = [each.new for each in fresh if each.new is not None]
    made = register_many(session, news, by=job.by, county=given.county, vault=given.vault, with_code=False)
    marks: list[dict[str, Any]] = []
    for each, done in zip(fresh, made, strict=True):
        met = Known(done.petition.number, each.number)
        if each.number_digest and each.number_digest in known:
            each.problems.append(_number_note(job, known[each.number_digest]))
        for digest in {each.digest, each.number_digest or each.digest} - known.keys():
            known[digest] = met
            marks.append(
                {
                    "digest": digest,
                    "petition_id": done.petition.id,
                    "import_id": job.id,
                    "row": each.number,
                }
            )
    if marks:
        session.execute(insert(ImportMark), marks)
    if job.accept_as:
        _accept(session, job, zip(fresh, [done.petition for done in made], strict=True), given)


def _accept(session: Session, job: Import, made: Iterable[tuple[Judged, Petition]], given: Given) -> None:
    """Accept what the office has screened before; what it may not accept is left to screening.

    So is what complains of somebody in words that are no unit's name: a person must say whom to leave out.
    """
    post = given.county.post(job.by)
    clerk = Viewer(post.code, Role(post.role), post.unit)
    decision = Acceptance(job.accept_as or "")
    for each, petition in made:
        try:
            if petition.complained_of and not excluded_units(session, petition.id):
                raise Invalid(NOTES["to_screen"])
            accept(session, petition, decision, by=clerk, county=given.county)
        except Refusal:
            each.problems.append(note("to_screen", "warning"))


def _known_note(met: Known) -> Problem:
    if met.row is None:
        return note("known", "known", number=met.number)
    return note("same_row", "known", first=met.row, number=met.number)


def _number_note(job: Import, met: Known) -> Problem:
    column = column_label(job.header, job.mapping["source_number"])
    if met.row is None:
        return note("number_known", "warning", column, number=met.number)
    return note("number_twice", "warning", column, first=met.row)


def _keep_findings(session: Session, job: Import, judged: Iterable[Judged]) -> None:
    findings = [
        {
            "import_id": job.id,
            "key": f"{each.number:09d}-{place:03d}",
            "row": each.number,
            "column": problem.column,
            "code": problem.code,
            "severity": problem.severity,
            "message": problem.message,
            "params": problem.params,
        }
        for each in judged
        for place, problem in enumerate(each.problems)
    ]
    if findings:
        session.execute(insert(ImportFinding), findings)
