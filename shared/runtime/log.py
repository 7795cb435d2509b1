"""Logs as one JSON object a line: what happened and to which event, never what somebody wrote."""

import json
import logging
import re
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

from shared import clock

# Only these fields of a record are written; a payload handed in by mistake is not.
FIELDS = (
    "service", "event_id", "correlation_id", "caused_by", "source", "type", "peer", "loop", "count",
    "attempts", "error", "incident", "job_id", "row",
)  # fmt: skip


# These came with a message of somebody else: only what looks like a code is written.
FOREIGN = ("event_id", "correlation_id", "caused_by", "source", "type")
CODE = re.compile(r"[A-Za-z0-9._:/-]{1,100}")

_bound: ContextVar[dict[str, str | None] | None] = ContextVar("bound", default=None)


@contextmanager
def bound(**fields: str | None) -> Iterator[None]:
    """Put these fields on every line that is logged inside the block, in this thread."""
    token = _bound.set((_bound.get() or {}) | fields)
    try:
        yield
    finally:
        _bound.reset(token)


def as_uuid(text: str | None) -> str | None:
    """The text where it is a plain UUID, in lower case; else None."""
    if text is None or len(text) != 36:
        return None
    try:
        return str(UUID(text))
    except ValueError:
        return None


class JsonLines(logging.Formatter):
    """A record as JSON. Of an exception: its kind and the places it passed, not its message."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": clock.now().isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "thread": record.threadName,
            "message": record.msg if record.name.startswith(("shared", "services")) else record.getMessage(),
        }
        line |= {name: value for name, value in (_bound.get() or {}).items() if value is not None}
        line |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        line |= {name: "?" for name in FOREIGN if name in line and not CODE.fullmatch(str(line[name]))}
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            line["error"] = type(error).__name__
            line["at"] = [
                f"{frame.filename}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(error.__traceback__)[-8:]
            ]
        return json.dumps(line, ensure_ascii=False, default=str)


def configure_logging(level: str = "INFO") -> None:
    """Log to standard error; libraries only from warnings up."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("shared").setLevel(level)
    logging.getLogger("services").setLevel(level)
    for noisy in ("pika", "kombu", "amqp"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)
