"""Files that are downloaded: their kind, and a name that every browser and disk can take."""

from urllib.parse import quote

from flask import Response


def download(data: bytes, mimetype: str, *, plain_name: str, name: str | None = None) -> Response:
    """An answer that is saved as `name`; where a browser cannot write that, as `plain_name` in ASCII.

    A browser that opens it all the same gives it no right to do anything.
    """
    answer = Response(data, mimetype=mimetype)
    written = f"; filename*=UTF-8''{quote(name, safe='')}" if name else ""
    answer.headers["Content-Disposition"] = f'attachment; filename="{plain_name}"{written}'
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer
