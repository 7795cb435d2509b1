"""One id for a request and all that follows from it: in the answer, the log, the events and what they cause.

The proxy may give it (`X-Request-ID`); only a plain UUID is taken, so that nobody writes a text into the log.
"""

from contextlib import ExitStack
from typing import cast
from uuid import uuid4

from flask import Flask, Response, g, request

from shared.runtime.log import as_uuid, bound
from shared.watching.tracing import REQUEST, span
from shared.web.request import current_instance

HEADER = "X-Request-ID"


def install(app: Flask) -> None:
    """Give every request of an application its id. Comes before everything that may log."""
    app.before_request(_begin)
    app.after_request(_show)
    app.teardown_request(_end)


def correlation_id() -> str:
    """The id of this request."""
    return cast(str, g.correlation_id)


def _begin() -> None:
    g.correlation_id = as_uuid(request.headers.get(HEADER)) or str(uuid4())
    g.bound = ExitStack()
    g.bound.enter_context(bound(correlation_id=g.correlation_id))
    route = request.url_rule.rule if request.url_rule else "(none)"  # never the path: it has ids in it
    g.span = g.bound.enter_context(
        span(
            f"{request.method} {route}",
            REQUEST,
            parent=request.headers.get("traceparent"),
            service=current_instance().service.name,
        )
    )


def _show(response: Response) -> Response:
    if "correlation_id" in g:
        response.headers[HEADER] = g.correlation_id
        if g.span is not None:
            g.span.set_attribute("http.response.status_code", response.status_code)
    return response


def _end(_error: BaseException | None = None) -> None:
    if "bound" in g:
        g.pop("bound").close()
