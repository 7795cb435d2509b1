"""Refuses bodies that a parser would choke on, before any parser sees them.

How large a body may be is Flask's MAX_CONTENT_LENGTH (MAX_UPLOAD_MB where a view takes files), how many parts
and fields a form may have MAX_FORM_PARTS; a workbook's limits are in services/intake/imports.
"""

import json

from flask import Flask, request

from shared.errors import N_, Invalid


def install(app: Flask) -> None:
    """Look at every JSON body of an application; to be installed after the guard of access.py."""
    app.before_request(_check_json)


def _check_json() -> None:
    if not request.is_json:
        return
    try:
        json.loads(request.get_data())
    except RecursionError as error:  # some 1,000 levels
        raise Invalid(N_("The content is nested too deeply. Send it as the API description says.")) from error
    except (json.JSONDecodeError, UnicodeDecodeError):
        return  # the view's own schema says so, naming what it expects
    except ValueError as error:  # more digits than Python converts
        raise Invalid(N_("A number has too many digits. Mend it and send it again.")) from error
