"""The HTTP shapes of an import."""

from typing import Any

from marshmallow import Schema, fields, post_load
from marshmallow.validate import OneOf, Range

from services.intake.imports.columns import FIELDS
from services.intake.imports.rules import DEFAULT_CHANNEL, SCREENED_AS, Choices, State
from shared.contracts.intake import CHANNELS, ORGANS
from shared.web import fields as f
from shared.web.paging import PageArguments, page_of
from shared.web.versions import StepSchema

SEVERITIES = ("error", "warning", "known")


class UploadIn(Schema):
    """A multipart form with the file."""

    file = fields.Raw(required=True, metadata={"type": "string", "format": "binary"})


class MappingIn(StepSchema):
    """Which column is what, and what holds for the rows that do not say it."""

    mapping = fields.Dict(
        keys=fields.String(validate=OneOf(FIELDS)),
        values=fields.Integer(strict=True, validate=Range(0, 1000)),
        required=True,
        metadata={"description": "Field to the index of its column, from 0; `text` is required"},
    )
    channel = fields.String(load_default=DEFAULT_CHANNEL, validate=OneOf(CHANNELS))
    organ = fields.String(load_default="commission", validate=OneOf(ORGANS))
    default_received_on = f.day(
        load_default=None,
        allow_none=True,
        metadata={"description": "For rows without a day; without it such rows are refused"},
    )
    accept_as = fields.String(
        load_default=None,
        allow_none=True,
        validate=OneOf(SCREENED_AS),
        metadata={"description": "Screened before: all with a township are accepted as this"},
    )

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        names = ("mapping", "channel", "organ", "default_received_on", "accept_as")
        choices = Choices(*(data[name] for name in names))
        return {"version": data["version"], "choices": choices}


class ColumnOut(Schema):
    index = fields.Integer()
    label = fields.String(metadata={"description": "As `D 留言时间`"})
    examples = fields.List(fields.String(), metadata={"description": "Of the first rows, until it begins"})


class ImportRow(Schema):
    """An import in a list."""

    id = fields.UUID()
    state = fields.String(validate=OneOf([s.value for s in State]))
    filename = fields.String()
    created_at = fields.AwareDateTime()
    done_at = fields.AwareDateTime(allow_none=True)
    rows = fields.Integer(metadata={"description": "Filled rows dealt with so far"})
    registered = fields.Integer()
    known = fields.Integer(metadata={"description": "Registered before: the same row, here or elsewhere"})
    refused = fields.Integer()
    warned = fields.Integer(metadata={"description": "Registered, with a warning"})
    blank = fields.Integer()
    version = fields.Integer(metadata={"description": "Give it back with the mapping"})


class ImportOut(ImportRow):
    """A whole import."""

    sha256 = fields.String()
    size = fields.Integer(metadata={"description": "Bytes"})
    imported_before = fields.AwareDateTime(
        allow_none=True, metadata={"description": "When the very same file was imported last"}
    )
    header_row = fields.Integer()
    claimed_rows = fields.Integer(
        allow_none=True, metadata={"description": "As the file says, blank ones too"}
    )
    other_sheets = fields.List(fields.String(), metadata={"description": "Sheets that are not read"})
    columns = fields.List(fields.Nested(ColumnOut))
    mapping = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        metadata={"description": "Proposed, until it is confirmed"},
    )
    not_imported = fields.List(fields.String())
    channel = fields.String()
    organ = fields.String()
    default_received_on = fields.Date(attribute="received_on", allow_none=True)
    accept_as = fields.String(allow_none=True)
    next_row = fields.Integer(metadata={"description": "The last row of the file that was dealt with"})
    stopped_because = fields.String(allow_none=True)


class FindingOut(Schema):
    row = fields.Integer(metadata={"description": "As the spreadsheet counts it"})
    column = fields.String()
    severity = fields.String(validate=OneOf(SEVERITIES))
    code = fields.String()
    message = fields.String(metadata={"description": "What to do, in the reader's language"})


class FindingArguments(PageArguments):
    severity = fields.String(validate=OneOf(SEVERITIES))


ImportPage = page_of(ImportRow)
FindingPage = page_of(FindingOut)
