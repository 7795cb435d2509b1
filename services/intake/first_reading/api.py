"""The first reading over HTTP: the head's list, reading, instructions, delegations."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask_smorest import Blueprint

from services.intake.first_reading import queries, schemas, views
from services.intake.first_reading.commands import NewInstruction
from services.intake.first_reading.models import Delegation, Instruction, Reading
from services.intake.registration.models import Petition
from shared.identity.roles import CASEWORK, Role
from shared.identity.scopes import PETITION_PAGE, READING
from shared.web.access import access, current_viewer, within
from shared.web.paging import PageArguments, page
from shared.web.request import current_session
from shared.web.versions import StepSchema

api = Blueprint("first_reading_api", __name__, url_prefix="/api", description="M4 First reading")
READERS = (Role.HEAD, Role.LEADER)  # a leader only on a delegation: queries.reader_of


@api.get("/reading-list")
@api.arguments(PageArguments, location="query")
@api.response(200, schemas.ReadingListPage)
@access(*READERS)
@within(READING)
def reading_list(arguments: dict[str, Any]) -> dict[str, Any]:
    """What the head has not read yet: what a superior organ assigned first, then by age."""
    reader = queries.reader_of(current_session(), current_viewer())
    return page(current_session(), queries.to_be_read(reader), Petition.reading_key, arguments)


@api.post("/petitions/<uuid:petition_id>/read")
@api.response(200, schemas.ReadingOut)
@access(*READERS)
@within(READING)
def read(petition_id: UUID) -> Reading:
    """Sign that a petition was read. Read before, the first reading is answered."""
    return views.mark_read(petition_id)


@api.post("/petitions/<uuid:petition_id>/instructions")
@api.arguments(schemas.InstructionIn)
@api.response(201, schemas.InstructionOut)
@access(*READERS)
@within(READING)
def sign(new: NewInstruction, petition_id: UUID) -> Instruction:
    """Sign an instruction. It cannot be changed afterwards; an amendment is a new one."""
    return views.sign(petition_id, new)


@api.get("/petitions/<uuid:petition_id>/instructions")
@api.response(200, schemas.InstructionOut(many=True))
@access(*CASEWORK)
@within(PETITION_PAGE)
def instructions(petition_id: UUID) -> Sequence[Instruction]:
    """The instructions on a petition, the oldest first, for those who may see the petition."""
    queries.may_see(current_session(), current_viewer(), petition_id)
    return queries.instructions_on(current_session(), petition_id)


@api.post("/delegations")
@api.arguments(schemas.DelegationIn)
@api.response(201, schemas.DelegationOut)
@access(Role.HEAD)
def delegate(body: dict[str, Any]) -> Delegation:
    """Let the deputy read and sign for the head from one day to another."""
    return views.delegate(body)


@api.get("/delegations")
@api.response(200, schemas.DelegationOut(many=True))
@access(Role.HEAD, Role.LEADER, Role.SUPERVISOR)
def delegations() -> Sequence[Delegation]:
    """All delegations, the newest first."""
    return queries.delegations(current_session())


@api.post("/delegations/<uuid:delegation_id>/revoke")
@api.arguments(StepSchema)
@api.response(200, schemas.DelegationOut)
@access(Role.HEAD)
def revoke(body: dict[str, Any], delegation_id: UUID) -> Delegation:
    """End a delegation at once; what was signed on it stands."""
    return views.revoke(delegation_id, body)
