"""The pages of the transfers: an agency's liaison looks at what came, signs for it or sends it back."""

from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from services.intake.progress.queries import open_clocks
from services.intake.transfers import queries, schemas, views
from services.intake.transfers.api import READERS
from services.intake.transfers.models import Transfer
from services.intake.transfers.rules import TransferState
from shared.contracts.intake import RETURN_REASONS
from shared.identity.roles import Role
from shared.identity.scopes import TRANSFERS
from shared.web.access import access, current_viewer, within
from shared.web.forms import Form, read_form, step
from shared.web.names import labels
from shared.web.paging import page
from shared.web.parts import StepForms
from shared.web.request import current_session
from shared.web.versions import StepSchema

pages = Blueprint("transfers", __name__, url_prefix="/transfers")
SHOWN = (TransferState.WAITING, TransferState.SIGNED, TransferState.RETURNED)


@pages.get("")
@access(*READERS)
@within(TRANSFERS)
def listing() -> ResponseReturnValue:
    schema = schemas.TransferArguments()
    given = {name: value for name, value in request.args.items() if name in schema.fields and value}
    wrong = schema.validate(given)
    arguments: dict[str, Any] = schema.load({k: v for k, v in given.items() if k not in wrong})
    state = arguments.get("state")
    wanted = queries.transfers_for(current_viewer(), state)
    found = page(current_session(), wanted, Transfer.list_key, arguments, newest_first=True)
    due = open_clocks(current_session(), [one.petition_id for one in found["items"]], "receipt")
    rows = queries.with_petitions(current_session(), found["items"])
    return render_template(
        "intake/transfers/list.html",
        title=_("Transfers"),
        found=found | {"items": rows},
        due={str(one.id): due.get(one.petition_id) for one in found["items"]},
        petition_of={str(one.id): one.petition_id for one in found["items"]},
        chosen={"state": state} if state else {},
        states=labels("transfer_state", SHOWN),
    )


@pages.get("/<uuid:transfer_id>")
@access(*READERS)
@within(TRANSFERS)
def one(transfer_id: UUID) -> ResponseReturnValue:
    return _page(transfer_id, {})


@pages.post("/<uuid:transfer_id>/sign")
@access(Role.LIAISON)
@within(TRANSFERS)
def sign(transfer_id: UUID) -> ResponseReturnValue:
    return step(
        lambda: views.sign(transfer_id, read_form(StepSchema)),
        again=lambda form: _page(transfer_id, {"sign": form}),
        then=lambda _found: url_for("transfers.one", transfer_id=transfer_id),
        say=_("Signed: the petition is with your agency."),
    )


@pages.post("/<uuid:transfer_id>/return")
@access(Role.LIAISON)
@within(TRANSFERS)
def send_back(transfer_id: UUID) -> ResponseReturnValue:
    return step(
        lambda: views.send_back(transfer_id, read_form(schemas.ReturnIn)),
        again=lambda form: _page(transfer_id, {"return": form}),
        then=lambda _found: url_for("transfers.one", transfer_id=transfer_id),
        say=_("Sent back. The commission screens it again."),
    )


def _page(transfer_id: UUID, typed: dict[str, Form]) -> str:
    found = queries.transfer_for(current_session(), current_viewer(), transfer_id)
    row = queries.with_matter(current_session(), found)
    due = open_clocks(current_session(), [found.petition_id], "receipt")
    return render_template(
        "intake/transfers/one.html",
        title=row["number"],
        transfer=row,
        petition_id=found.petition_id,
        note=found.return_note,
        due=due.get(found.petition_id),
        forms=StepForms(typed),
        may_answer=found.state == TransferState.WAITING and current_viewer().role is Role.LIAISON,
        reasons=labels("return_reason", RETURN_REASONS),
    )
