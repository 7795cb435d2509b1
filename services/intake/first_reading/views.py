"""What API and pages do alike in the first reading: read, sign, delegate, revoke."""

from typing import Any
from uuid import UUID

from services.intake.first_reading import commands, queries
from services.intake.first_reading.commands import NewInstruction
from services.intake.first_reading.models import Delegation, Instruction, Reading
from shared.county import load_county
from shared.web.access import current_viewer
from shared.web.request import current_instance, current_session
from shared.web.versions import check_version


def mark_read(petition_id: UUID) -> Reading:
    """Sign that a petition was read; read before, the first reading stands. Raises Forbidden, NotFound."""
    reader = queries.reader_of(current_session(), current_viewer())
    petition = queries.petition_to_read(current_session(), reader, petition_id)
    return commands.mark_read(current_session(), petition, by=reader)


def sign(petition_id: UUID, new: NewInstruction) -> Instruction:
    """Sign an instruction. Raises Forbidden, NotFound, Invalid, OutOfOrder."""
    reader = queries.reader_of(current_session(), current_viewer())
    petition = queries.petition_to_read(current_session(), reader, petition_id)
    county = load_county(current_instance().settings.county_dir)
    return commands.sign_instruction(current_session(), petition, new, by=reader, county=county)


def delegate(body: dict[str, Any]) -> Delegation:
    """Let the deputy read, with a body as schemas.DelegationIn loads it. Raises Invalid."""
    county = load_county(current_instance().settings.county_dir)
    return commands.delegate(current_session(), **body, by=current_viewer(), county=county)


def revoke(delegation_id: UUID, body: dict[str, Any]) -> Delegation:
    """End a delegation as it was read. Raises NotFound, Changed, OutOfOrder."""
    found = queries.delegation(current_session(), delegation_id)
    check_version(found, body["version"])
    commands.revoke(found)
    current_session().flush()
    return found
