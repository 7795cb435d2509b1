"""The HTTP shapes of the sealed register: whatever else is sent is refused."""

from marshmallow import Schema, fields

from shared.web import fields as f
from shared.web.paging import page_of


class SealedMatterIn(Schema):
    """Nothing of the matter itself."""

    handed_over_on = f.day(required=True)
    handed_over_by = f.code(required=True, metadata={"description": "Code of the post"})


class SealedMatterOut(Schema):
    number = fields.String()
    handed_over_on = fields.Date()
    handed_over_by = fields.String()


SealedMatterPage = page_of(SealedMatterOut)
