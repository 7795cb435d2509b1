"""The pages of an import: choose a file, confirm its columns, watch it, see what became of the rows."""

from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import RequestEntityTooLarge

from services.intake.imports import commands, queries, views
from services.intake.imports.columns import FIELDS, is_report_column
from services.intake.imports.models import Import
from services.intake.imports.rules import Choices, State
from shared.errors import N_, Invalid, Problem, TooLarge
from shared.identity.roles import Role
from shared.identity.scopes import IMPORTS
from shared.web.access import access, current_viewer, takes_upload, within
from shared.web.forms import Form
from shared.web.names import labels
from shared.web.paging import page
from shared.web.request import current_instance, current_session
from shared.web.versions import check_version

pages = Blueprint("imports", __name__, url_prefix="/imports")

FIELD_NAMES = {
    "source_number": N_("Number given by the office"),
    "received_on": N_("Day of receipt"),
    "channel": N_("Channel"),
    "petitioner_name": N_("Petitioner's name"),
    "petitioner_phone": N_("Petitioner's telephone"),
    "petitioner_id_number": N_("Petitioner's identity number"),
    "petitioner_address": N_("Petitioner's address"),
    "township": N_("Township"),
    "place": N_("Place"),
    "title": N_("Title"),
    "text": N_("Text of the petition"),
    "complained_of": N_("Who or what is complained of"),
    "joint": N_("Joint petition, yes or no"),
    "petitioner_count": N_("Number of petitioners"),
    "superior_assigned": N_("Assigned by a superior organ, yes or no"),
    "content_class": N_("Content class"),
}
STATE_NAMES = {
    State.MAPPING: N_("Columns to be confirmed"),
    State.RUNNING: N_("Under way"),
    State.DONE: N_("Done"),
    State.STOPPED: N_("Stopped"),
    State.REMOVED: N_("File removed"),
}
SEVERITY_NAMES = {"error": N_("Refused"), "warning": N_("Warning"), "known": N_("Known already")}


@pages.errorhandler(413)
def on_too_large(_error: RequestEntityTooLarge) -> ResponseReturnValue:
    return _upload_page(views.too_large())


@pages.get("")
@access(Role.CLERK)
@within(IMPORTS)
def overview() -> ResponseReturnValue:
    return _upload_page()


@pages.post("")
@takes_upload
@access(Role.CLERK)
@within(IMPORTS)
def upload() -> ResponseReturnValue:
    try:
        job = views.take_upload(views.uploaded())
    except (Invalid, TooLarge) as problem:
        current_session().rollback()
        return _upload_page(problem)
    return redirect(url_for("imports.one", import_id=job.id), 303)


@pages.get("/<uuid:import_id>")
@access(Role.CLERK)
@within(IMPORTS)
def one(import_id: UUID) -> ResponseReturnValue:
    job = _mine(import_id)
    return _mapping_page(job) if job.state == State.MAPPING else _result_page(job)


@pages.post("/<uuid:import_id>/mapping")
@access(Role.CLERK)
@within(IMPORTS)
def mapping(import_id: UUID) -> ResponseReturnValue:
    job = _mine(import_id)
    try:
        check_version(job, request.form.get("version", 0, type=int))
        commands.confirm(job, _choices(job))
    except Invalid as problem:
        return _mapping_page(job, problem), problem.status
    return redirect(url_for("imports.one", import_id=import_id), 303)


@pages.post("/<uuid:import_id>/go-on")
@access(Role.CLERK)
@within(IMPORTS)
def go_on(import_id: UUID) -> ResponseReturnValue:
    commands.go_on(_mine(import_id))
    return redirect(url_for("imports.one", import_id=import_id), 303)


@pages.post("/<uuid:import_id>/remove")
@access(Role.CLERK)
@within(IMPORTS)
def remove(import_id: UUID) -> ResponseReturnValue:
    commands.remove(current_session(), _mine(import_id))
    flash(_("The file was removed. What was registered from it stays."))
    return redirect(url_for("imports.overview"), 303)


@pages.get("/<uuid:import_id>/refused.xlsx")
@access(Role.CLERK)
@within(IMPORTS)
def refused(import_id: UUID) -> Response:
    return views.refused_file(_mine(import_id))


def _mine(import_id: UUID) -> Import:
    return queries.import_for(current_session(), current_viewer(), import_id)


def _upload_page(problem: Problem | None = None) -> ResponseReturnValue:
    mine = queries.imports_for(current_viewer())
    listing = page(current_session(), mine, Import.list_key, _page_arguments(), newest_first=True)
    html = render_template(
        "intake/imports/upload.html",
        title=_("Import of petitions"),
        imports=listing,
        states=STATE_NAMES,
        limit=current_instance().settings.max_upload_bytes // 2**20,
        problem=problem,
    )
    return html, problem.status if problem else 200


def _mapping_page(job: Import, problem: Invalid | None = None) -> str:
    chosen = _chosen(job) if problem else {index: field for field, index in job.mapping.items()}
    return render_template(
        "intake/imports/mapping.html",
        title=_("Which column is what?"),
        job=views.described(job),
        chosen=chosen,
        fixed={index for index, name in enumerate(job.header) if is_report_column(name)},
        fields=[(field, _(FIELD_NAMES[field])) for field in FIELDS],
        channels=labels("channel"),
        organs=labels("organ"),
        categories=labels("category", ("accusation", "appeal", "suggestion")),
        again=Form(request.form if problem else _form_of(job), problem),
    )


def _result_page(job: Import) -> str:
    severity = request.args.get("severity")
    arguments = _page_arguments() | {"severity": severity if severity in SEVERITY_NAMES else None}
    last_row = max(job.header_row + (job.claimed_rows or 0), job.next_row)
    return render_template(
        "intake/imports/result.html",
        title=_("Import of petitions"),
        job=views.described(job),
        state=STATE_NAMES[State(job.state)],
        states=State,
        done_of=(job.next_row - job.header_row, max(1, last_row - job.header_row)),
        findings=views.findings_page(job, arguments),
        severity=arguments["severity"],
        severities=SEVERITY_NAMES,
    )


def _page_arguments() -> dict[str, Any]:
    return {"after": request.args.get("after", "")[:100] or None, "limit": 50}


def _form_of(job: Import) -> dict[str, str]:
    return {
        "channel": job.channel,
        "organ": job.organ,
        "default_received_on": job.received_on.isoformat() if job.received_on else "",
        "accept_as": job.accept_as or "",
    }


def _chosen(job: Import) -> dict[int, str]:
    """What the form says of each column: the index to a field, or to nothing."""
    said = {index: request.form.get(f"column-{index}", "") for index in range(len(job.header))}
    return {index: field for index, field in said.items() if field in FIELDS}


def _choices(job: Import) -> Choices:
    chosen: dict[str, int] = {}
    for index, field in _chosen(job).items():
        if field in chosen:
            raise Invalid(
                N_("The columns %(first)s and %(second)s are both chosen for one field. Choose one."),
                field=f"column-{index}",
                first=queries.label_of(job, chosen[field]),
                second=queries.label_of(job, index),
            )
        chosen[field] = index
    return Choices(
        chosen,
        request.form.get("channel", ""),
        request.form.get("organ", ""),
        _default_day(),
        request.form.get("accept_as") or None,
    )


def _default_day() -> date | None:
    said = request.form.get("default_received_on", "").strip()
    try:
        return date.fromisoformat(said) if said else None
    except ValueError:
        raise Invalid(N_("Write the day as 2026-03-05."), field="default_received_on") from None
