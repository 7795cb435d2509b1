"""What could not be delivered, and sending it again."""

from collections.abc import Sequence
from uuid import UUID

from flask_smorest import Blueprint
from sqlalchemy import select

from services.notify.delivery import commands, schemas
from services.notify.delivery.models import Digest
from services.notify.delivery.rules import State
from shared.identity.roles import Role
from shared.web.access import access
from shared.web.request import current_session

MOST = 500

api = Blueprint(
    "failed_deliveries_api", __name__, url_prefix="/api/failed-deliveries", description="M24 Failed messages"
)


@api.get("")
@api.response(200, schemas.DeliveryOut(many=True))
@access(Role.OPERATOR, Role.SUPERVISOR)
def listing() -> Sequence[Digest]:
    """E-mails given up after all their tries, the newest first, 500 at most."""
    failed = select(Digest).where(Digest.state == State.FAILED)
    return current_session().scalars(failed.order_by(Digest.ended_at.desc(), Digest.id).limit(MOST)).all()


@api.post("/<uuid:digest_id>/resend")
@api.response(200, schemas.DeliveryOut)
@access(Role.OPERATOR, Role.SUPERVISOR)
def resend(digest_id: UUID) -> Digest:
    """Try a failed e-mail again, with all tries before it."""
    return commands.resend(current_session(), digest_id)
