"""The HTTP shapes of attachments."""

from flask_smorest.fields import Upload
from marshmallow import Schema, fields
from marshmallow.validate import Length, OneOf

from services.intake.attachments.rules import MOST_FILES, Kind, Scan


class FilesIn(Schema):
    """Files of a form; what they are is told by their content."""

    files = fields.List(
        Upload(),
        required=True,
        validate=Length(1, MOST_FILES),
        metadata={"description": "Up to 10 of a petition: PDF, pictures, Word, Excel, sound, video, text"},
    )


class AttachmentOut(Schema):
    """A file. The original is sealed: of it only hash, size and kind are shown."""

    id = fields.UUID()
    place = fields.Integer(metadata={"description": "Among the files of the petition, from 1"})
    name = fields.String(metadata={"description": "As its sender called it"})
    kind = fields.String(validate=OneOf([kind.value for kind in Kind]))
    size = fields.Integer(metadata={"description": "Bytes of the original"})
    sha256 = fields.String(metadata={"description": "Of the original"})
    by = fields.String(metadata={"description": "The post that added it, or `petitioner`"})
    message_id = fields.UUID(allow_none=True)
    scan = fields.String(validate=OneOf([scan.value for scan in Scan]))
    copy_kind = fields.String(
        allow_none=True,
        metadata={"description": "Of the cleaned copy; null: sound and video are given out as they came"},
    )
    added_at = fields.AwareDateTime()
