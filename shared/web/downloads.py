"""Files that are downloaded: their kind, a name that every browser and disk can take, who got them."""

from urllib.parse import quote

from flask import Response

from shared.ledger.gather import note
from shared.web.request import current_instance


def note_given(kind: str, subject: object) -> None:
    """Write on the ledger that something is given out, before it is: who got it stands there too.

    `kind` and `subject` as in `shared.ledger.gather.note`. In a transaction of its own: giving out is a GET.
    """
    with current_instance().db.write() as session:
        note(session, kind, subject)


def download(data: bytes, mimetype: str, *, plain_name: str, name: str | None = None) -> Response:
    """An answer that is saved as `name`; where a browser cannot write that, as `plain_name` in ASCII."""
    answer = Response(data, mimetype=mimetype)
    written = f"; filename*=UTF-8''{quote(name, safe='')}" if name else ""
    answer.headers["Content-Disposition"] = f'attachment; filename="{plain_name}"{written}'
    return answer
