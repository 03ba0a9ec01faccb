"""JSON as it is read from clients and written to them; what orjson refuses is not left to fail later."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson
from starlette.responses import Response

from services.chassis.errors import Invalid

_ALWAYS = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))


class Answer(Response):
    """A response that has the headers it is given, its length, and those of every answer here; Starlette adds nothing."""

    def __init__(self, body: bytes, *, status: int, headers: Mapping[str, str]) -> None:
        self.body, self.status_code, self.background = body, status, None
        self.raw_headers = [
            *_ALWAYS,
            (b"content-length", b"%d" % len(body)),
            *((name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()),
        ]


class Asked(NamedTuple):
    """What a client asks to be executed."""

    query: str
    variables: Mapping[str, Any]
    operation_name: str | None


def loads(data: str | bytes) -> Any:
    """Return the value; Invalid if it is no JSON.

    orjson refuses lone surrogates. They are let in, so that the error can name the field which holds them. An integer beyond
    64 bits is the nearest float, which no field takes.
    """
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        pass
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise Invalid("The body is not JSON.", code="malformed_json") from None


def dumps(value: object) -> bytes:
    """Return ``value`` as JSON; what came in as a lone surrogate goes out escaped, as it came."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, separators=(",", ":")).encode()


def parse_asked(value: object) -> Asked:
    """Return what is asked for in the body of a request or the payload of a message. Raises Invalid."""
    if isinstance(value, list):
        raise Invalid("Send one operation at a time.", code="batching_off")
    if not isinstance(value, dict):
        raise Invalid("The body must be a JSON object.", code="malformed_request")
    query, operation_name = value.get("query"), value.get("operationName")
    if not isinstance(query, str) or not query.strip():
        raise Invalid("There is no query.", code="query_missing", field="query")
    for name in (
        "variables",
        "extensions",
    ):  # nothing here takes extensions, and what is malformed is told all the same
        if not isinstance(value.get(name), dict | None):
            raise Invalid(f"The {name} must be an object.", code="malformed_request", field=name)
    if not isinstance(operation_name, str | None):
        raise Invalid("The operation's name must be a text.", code="malformed_request", field="operationName")
    return Asked(query, value.get("variables") or {}, operation_name or None)
