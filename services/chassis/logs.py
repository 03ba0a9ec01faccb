"""Log lines: one JSON object each, with the trace that they belong to, or plain text for a terminal."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TextIO

import orjson
from opentelemetry import trace

_STANDARD_FIELDS = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName", "color_message"}
_OWN_FIELDS = frozenset({"time", "level", "logger", "service", "region", "trace_id", "span_id", "exception", "stack"})
EXCEPTION_CHARACTERS_MAX = 16_384


class JsonFormatter(logging.Formatter):
    """Writes a record as one JSON object: time, level, logger, message, service, region, trace_id, span_id, extras."""

    def __init__(self, *, service: str, region: str) -> None:
        super().__init__()
        self._service = service
        self._region = region

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": _iso(record.created),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _message(record),
            "service": self._service,
        }
        if self._region:
            line["region"] = self._region
        line |= _trace_fields() | _extra_fields(record)
        if record.exc_info:
            # The last part says what went wrong and where; the beginning of a deep recursion says little.
            line["exception"] = self.formatException(record.exc_info)[-EXCEPTION_CHARACTERS_MAX:]
        if record.stack_info:
            line["stack"] = record.stack_info
        return _dump(line)


class TextFormatter(logging.Formatter):
    """Writes a record for people: time, level, logger, message and the extra fields; an exception on lines of its own."""

    def format(self, record: logging.LogRecord) -> str:
        extras = "".join(f" {name}={value}" for name, value in _extra_fields(record).items())
        text = f"{_iso(record.created)} {record.levelname:<7} {record.name}: {_message(record)}{extras}"
        return text + ("\n" + self.formatException(record.exc_info) if record.exc_info else "")


def install_handler(stream: TextIO, *, form: str, level: str, service: str, region: str) -> Callable[[], None]:
    """Send every log record to ``stream``, in place of the handlers before; return what undoes that."""
    root = logging.getLogger()
    handlers_before, level_before = root.handlers[:], root.level
    handler = logging.StreamHandler(stream)
    handler.setFormatter(TextFormatter() if form == "text" else JsonFormatter(service=service, region=region))
    root.handlers = [handler]
    root.setLevel(level.upper())
    # httpx tells every request at the level of our own news.
    quiet = logging.getLogger("httpx")
    quiet_before = quiet.level
    quiet.setLevel(logging.WARNING)

    def undo() -> None:
        root.handlers = handlers_before
        root.setLevel(level_before)
        quiet.setLevel(quiet_before)

    return undo


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception:
        return f"{record.msg} {record.args!r}"


def _trace_fields() -> dict[str, Any]:
    context = trace.get_current_span().get_span_context()
    if not context.is_valid:
        return {}
    return {"trace_id": f"{context.trace_id:032x}", "span_id": f"{context.span_id:016x}"}


def _extra_fields(record: logging.LogRecord) -> dict[str, Any]:
    extras = {name: value for name, value in record.__dict__.items() if name not in _STANDARD_FIELDS}
    return {f"extra_{name}" if name in _OWN_FIELDS else name: value for name, value in extras.items()}


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _dump(line: dict[str, Any]) -> str:
    try:
        return orjson.dumps(line, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
    except TypeError:  # lone surrogates, integers past 64 bits: rare, and to be seen all the same
        return json.dumps({str(name): value for name, value in line.items()}, default=repr, skipkeys=True)
