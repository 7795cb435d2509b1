"""What an answer says, so that two can be compared: ids and tokens made alike, workbooks unpacked."""

import re
from io import BytesIO

from openpyxl import load_workbook
from werkzeug.test import TestResponse

UUIDS = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")
TOKENS = re.compile(r'name="csrf_token" value="[^"]*"')


def said(answer: TestResponse) -> str:
    """All that the answer tells its reader."""
    if answer.mimetype.endswith("spreadsheetml.sheet"):
        book = load_workbook(BytesIO(answer.data))
        text = str([list(sheet.values) for sheet in book])
    else:
        text = answer.text
    return TOKENS.sub("", UUIDS.sub("<id>", text))
