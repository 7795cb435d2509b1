"""What could not be delivered, and sending it again."""

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint

from services.notify.delivery import commands, queries, schemas
from services.notify.delivery.models import Digest
from shared.identity.roles import Role
from shared.web.access import access
from shared.web.paging import PageArguments, page
from shared.web.request import current_session

api = Blueprint(
    "failed_deliveries_api", __name__, url_prefix="/api/failed-deliveries", description="M24 Failed messages"
)


@api.get("")
@api.arguments(PageArguments, location="query")
@api.response(200, schemas.DeliveryPage)
@access(Role.OPERATOR, Role.SUPERVISOR)
def listing(arguments: dict[str, Any]) -> dict[str, Any]:
    """E-mails given up after all their tries, the newest first."""
    return failed_page(arguments)


@api.post("/<uuid:digest_id>/resend")
@api.response(200, schemas.DeliveryOut)
@access(Role.OPERATOR, Role.SUPERVISOR)
def resend(digest_id: UUID) -> Digest:
    """Try a failed e-mail again, with all tries before it."""
    return commands.resend(current_session(), digest_id)


def failed_page(arguments: dict[str, Any]) -> dict[str, Any]:
    """One page of the e-mails that were given up."""
    return page(current_session(), queries.failed(), Digest.failed_key, arguments, newest_first=True)
