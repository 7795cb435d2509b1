"""Progress over HTTP, for operators and tests: counts only, no matter."""

from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, fields

from services.reporting.progress import queries
from shared.identity.roles import Role
from shared.web.access import access
from shared.web.request import current_session

api = Blueprint("progress_api", __name__, url_prefix="/api/progress", description="Progress")


class AppliedOut(Schema):
    source = fields.String(metadata={"description": "/<agency>/<service>"})
    type = fields.String()
    count = fields.Integer()
    last_applied_at = fields.AwareDateTime(allow_none=True)


class LastWordOut(Schema):
    source = fields.String()
    at = fields.AwareDateTime(metadata={"description": "When the newest event of it happened"})


class ProgressOut(Schema):
    applied = fields.List(fields.Nested(AppliedOut))
    last_words = fields.List(fields.Nested(LastWordOut))
    failed_messages = fields.Integer(metadata={"description": "Given up in the last 30 days"})


@api.get("")
@api.response(200, ProgressOut)
@access(Role.OPERATOR)  # it counts all petitions, also those that complain of who looks (M8)
def show() -> dict[str, Any]:
    """How many events of each kind are applied, and the last word from each producer."""
    return queries.progress(current_session())
