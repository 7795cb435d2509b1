"""The HTTP shapes of the sealed register: whatever else is sent is refused."""

from marshmallow import Schema, fields
from marshmallow.validate import Length

from shared.web.paging import page_of


class SealedMatterIn(Schema):
    """Nothing of the matter itself."""

    handed_over_on = fields.Date(required=True)
    handed_over_by = fields.String(
        required=True, validate=Length(1, 64), metadata={"description": "Code of the post"}
    )


class SealedMatterOut(Schema):
    number = fields.String()
    handed_over_on = fields.Date()
    handed_over_by = fields.String()


SealedMatterPage = page_of(SealedMatterOut)
