"""Files that are downloaded: their kind, and a name that every browser and disk can take."""

from urllib.parse import quote

from flask import Response


def download(data: bytes, mimetype: str, *, plain_name: str, name: str) -> Response:
    """An answer that is saved as `name`; where a browser cannot write that, as `plain_name` in ASCII."""
    answer = Response(data, mimetype=mimetype)
    answer.headers["Content-Disposition"] = (
        f"attachment; filename=\"{plain_name}\"; filename*=UTF-8''{quote(name, safe='')}"
    )
    return answer
