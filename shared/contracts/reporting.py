"""Events of reporting 报告: what was issued."""

from marshmallow import fields
from marshmallow.validate import Regexp

from shared.contracts import fields as f
from shared.contracts.registry import EventSchema, event


@event("summary.issued", version=1, owner="reporting")
class SummaryIssuedV1(EventSchema):
    """The monthly summary was issued and is frozen."""

    summary_id = f.uuid("The summary")
    month = fields.String(
        required=True,
        validate=Regexp(r"^[0-9]{4}-(0[1-9]|1[0-2])$"),
        metadata={"description": "The month, e.g. 2026-03"},
    )
    issued_at = f.moment("When")
