"""Turns every error into one answer: problem+json (RFC 9457) on the API, a page elsewhere.

No stack trace, no database message and nothing that was typed goes out.
"""

import logging
from http import HTTPStatus
from threading import Lock
from typing import Any
from uuid import uuid4

from flask import Flask, g, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_smorest import Api, Blueprint
from flask_wtf.csrf import CSRFError
from marshmallow import Schema, ValidationError, fields
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from shared.db.engine import is_full
from shared.errors import (
    CHANGED,
    N_,
    Changed,
    Invalid,
    NotFound,
    Problem,
    SignInNeeded,
    TooLarge,
    Unavailable,
)
from shared.web.builtin_messages import taken_apart

log = logging.getLogger(__name__)
PROBLEM = "application/problem+json"
SESSION_OVER = "session-over"


class ProblemSchema(Schema):
    """problem+json as every error answers."""

    type = fields.String(metadata={"description": "urn:huajie:problem:<kind>"})
    title = fields.String()
    status = fields.Integer()
    detail = fields.String(metadata={"description": "What to do"})
    errors = fields.Dict(
        keys=fields.String(), values=fields.List(fields.String()), metadata={"description": "By field"}
    )


class ServiceApi(Api):
    """flask-smorest, answering errors as we do, and describing the routes only when somebody asks."""

    ERROR_SCHEMA = ProblemSchema

    def __init__(self, app: Flask) -> None:
        self._undescribed: list[Blueprint] = []
        self._describing = Lock()
        super().__init__(app)

    def register_blueprint(self, blueprint: Blueprint) -> None:
        """Add the routes. What the document says of them takes longer than all the rest of a start."""
        self._app.extensions["flask-smorest"]["blp_name_to_api"][blueprint.name] = self
        self._app.register_blueprint(blueprint)
        self._undescribed.append(blueprint)

    def described(self) -> dict[str, Any]:
        """The OpenAPI document as flask-smorest makes it; its own, to be copied."""
        with self._describing:
            while self._undescribed:
                blueprint = self._undescribed.pop(0)
                blueprint.register_views_in_doc(
                    self, self._app, self.spec, name=blueprint.name, parameters=None
                )
                self.spec.tag({"name": blueprint.name, "description": blueprint.description})
            document: dict[str, Any] = self.spec.to_dict()
            return document

    def _register_responses(self) -> None:
        """Describe errors in the media type in which they are sent; flask-smorest writes plain JSON."""
        for status in HTTPStatus:
            response: dict[str, Any] = {"description": status.phrase}
            if status >= 200 and status not in (204, 304):
                response["content"] = {PROBLEM: {"schema": self.ERROR_SCHEMA}}
            self.spec.components.response(status.name, response, lazy=True)
        default = {"description": "What went wrong", "content": {PROBLEM: {"schema": self.ERROR_SCHEMA}}}
        self.spec.components.response("DEFAULT_ERROR", default, lazy=True)

    def handle_http_exception(self, error: HTTPException) -> ResponseReturnValue:
        return answer(_from_http(error))


def install(app: Flask) -> None:
    """Answer all errors of an application."""
    app.register_error_handler(Problem, answer)
    app.register_error_handler(HTTPException, lambda e: answer(_from_http(e)))
    app.register_error_handler(CSRFError, _on_csrf)
    app.register_error_handler(ValidationError, lambda e: answer(invalid(e)))
    app.register_error_handler(StaleDataError, lambda _e: answer(Changed(CHANGED)))
    app.register_error_handler(IntegrityError, _on_integrity)
    app.register_error_handler(OperationalError, _on_database)
    app.register_error_handler(PoolTimeout, _on_database)
    for error in (DataError, UnicodeEncodeError):
        app.register_error_handler(error, _on_data)
    app.register_error_handler(Exception, _on_unexpected)


def wants_json() -> bool:
    """Whether the answer is read by a program."""
    if request.path.startswith(("/api/", "/events", "/health")):
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json"


def translate(message: str, params: dict[str, Any] | None = None) -> str:
    """A message in the reader's language."""
    if not params:
        message, params = taken_apart(message)
    text = gettext(message)
    return text % params if params else text


def answer(problem: Problem) -> ResponseReturnValue:
    """The response for a problem."""
    detail = translate(problem.message, problem.params)
    waiting = {"Retry-After": str(problem.retry_after)} if problem.retry_after else {}
    if not wants_json():
        return _page(problem, detail), problem.status, waiting
    body: dict[str, Any] = {
        "type": f"urn:huajie:problem:{problem.kind}",
        "title": gettext(problem.title),
        "status": problem.status,
        "detail": detail,
    }
    if problem.fields:
        body["errors"] = translated_fields(problem)
    response = jsonify(body)
    response.mimetype = PROBLEM
    if isinstance(problem, SignInNeeded):
        response.headers["WWW-Authenticate"] = "Bearer"
    return response, problem.status, waiting


def _page(problem: Problem, detail: str) -> str:
    from shared.web.sign_in import resume_page, sign_in_page, typed_fields

    here = request.script_root + request.full_path.rstrip("?")
    typed = typed_fields() if request.method == "POST" else []
    if isinstance(problem, SignInNeeded):
        return sign_in_page(here, carried=typed)
    if problem.kind == SESSION_OVER and typed:
        return resume_page(here, typed)
    if isinstance(problem, Unavailable) and typed:
        return resume_page(here, typed, problem)
    return render_template("problem.html", problem=problem, detail=detail)


def translated_fields(problem: Problem) -> dict[str, list[str]]:
    """The messages beside the fields, in the reader's language."""
    return {
        name: [translate(m, problem.params if m == problem.message else None) for m in messages]
        for name, messages in problem.fields.items()
    }


def invalid(error: ValidationError) -> Invalid:
    """marshmallow's errors as ours."""
    return Invalid(N_("Mend the fields that are named and send it again."), fields=_flat(error.messages))


def _flat(messages: Any, prefix: str = "") -> dict[str, list[str]]:
    if isinstance(messages, dict):
        found: dict[str, list[str]] = {}
        for key, value in messages.items():
            found |= _flat(value, f"{prefix}.{key}" if prefix else str(key))
        return found
    return {prefix or "_": [str(m) for m in messages] if isinstance(messages, list) else [str(messages)]}


HTTP_TEXTS = {
    404: N_("There is nothing at this address that you may see. Check the address."),
    405: N_("This address does not take this kind of request. Check it against the API description."),
    413: N_("The request is larger than this installation takes. Send less, or split it."),
    415: N_("Send the content in the form that the API description names."),
}


def _from_http(error: HTTPException) -> Problem:
    data = getattr(error, "data", None) or {}
    messages = data.get("messages")
    if messages:  # from webargs: {"json": {"field": [...]}}
        merged: dict[str, list[str]] = {}
        for part in messages.values() if isinstance(messages, dict) else [messages]:
            merged |= _flat(part)
        return invalid(ValidationError(merged))
    code = error.code or 500
    text = HTTP_TEXTS.get(code) or N_("The request cannot be used. Check it against the API description.")
    problem = {404: NotFound, 413: TooLarge}.get(code, Problem)(text)
    problem.status = code
    return problem


def _on_csrf(_error: CSRFError) -> ResponseReturnValue:
    problem = Problem(
        N_("The page was open too long, or came from elsewhere. Load it again and repeat your step.")
    )
    problem.kind, problem.title = SESSION_OVER, N_("The page is out of date")
    return answer(problem)


def _on_integrity(_error: IntegrityError) -> ResponseReturnValue:
    # Two at once: the rules were checked before, so only a race can break a constraint.
    return answer(Changed(CHANGED))


def _on_data(_error: Exception) -> ResponseReturnValue:
    # NUL, half a character, a number beyond the column: no database takes it.
    return answer(
        Invalid(N_("A value has characters or a size that cannot be kept. Mend it and send it again."))
    )


def _on_database(error: OperationalError | PoolTimeout) -> ResponseReturnValue:
    log.error("database not reachable", extra={"error": type(getattr(error, "orig", error)).__name__})
    g.viewer = None  # the page that says so must not ask the database who is signed in
    if is_full(error):
        log.error("the disk of the database is full: make space, the service goes on by itself")
        problem = Problem(N_("The disk is full. Nothing was changed; tell the operator, then try again."))
        problem.status, problem.kind, problem.title = 507, "disk-full", N_("Not available now")
        return answer(problem)
    return answer(
        Unavailable(N_("The database does not answer now. Nothing was changed; try again in a minute."))
    )


def _on_unexpected(error: Exception) -> ResponseReturnValue:
    incident = uuid4().hex[:12]
    log.error("unexpected error", extra={"incident": incident}, exc_info=error)
    problem = Problem(
        N_("Something went wrong here. Nothing was changed. Tell the operator this number: %(incident)s"),
        incident=incident,
    )
    problem.status, problem.kind, problem.title = 500, "internal", N_("Our mistake")
    return answer(problem)
