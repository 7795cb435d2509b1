"""What a view asks for: the running service and the session of its request's transaction."""

from collections.abc import Callable
from typing import Any, cast

from flask import Flask, current_app, g, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from shared.runtime.service import Instance

SAFE = {"GET", "HEAD", "OPTIONS"}


def current_instance() -> Instance:
    """The service that serves this request."""
    return cast(Instance, current_app.extensions["huajie"])


def current_session() -> Session:
    """The one session of this request: read-only for GET, else committed when the view returns."""
    if "session" not in g:
        g.session = current_instance().db.session(read_only=request.method in SAFE)
        g.session.info["correlation_id"] = g.get("correlation_id")  # see shared.web.correlation
    return cast(Session, g.session)


class LazyRule(Rule):
    """A route whose address is compiled when it is first written: of hundreds a process writes a few.

    Werkzeug compiles each twice at the start, which takes a third of it. The method is not public; where
    a later version has another, that one is simply used as it is.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compile_now = super()._compile_builder
        made: list[Callable[..., tuple[str, str]]] = []

        def build(rule: Rule, /, **values: Any) -> tuple[str, str]:
            if not made:
                made.append(compile_now(append_unknown))
            return made[0](rule, **values)

        return build


class ServiceApp(Flask):
    """Flask whose request is one transaction: committed before the answer goes out, or not at all."""

    url_rule_class = LazyRule

    def dispatch_request(self) -> ResponseReturnValue:
        answer = super().dispatch_request()
        if "session" in g and request.method not in SAFE:
            current_instance().db.commit(g.session)
        return answer


def close_session(_error: BaseException | None = None) -> None:
    """Roll back what was not committed and give the connection back."""
    session = g.pop("session", None)
    if session is not None:
        session.close()
