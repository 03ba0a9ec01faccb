"""A request as it comes in: its headers, and what it asks for, bounded before it is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope

from gateway import limits
from gateway.wire import Asked, loads, parse_asked
from services.chassis.errors import Exhausted, Invalid

JSON = "application/json"


class Inquiry(Request):
    """A request whose headers are decoded once: Starlette looks through all of them whenever it is asked for one."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        super().__init__(scope, receive)
        # Of several with one name the first counts, as in Starlette.
        self._told: dict[str, str] = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(scope["headers"])
        }

    def header(self, name: str) -> str:
        """Return the header of that name in lower case, empty without one."""
        return self._told.get(name, "")


class TooLarge(Exhausted):
    """The body has more bytes than are read."""


class WrongMediaType(Invalid):
    """The body is not said to be JSON."""


def wants_page(request: Inquiry) -> bool:
    """Whether a browser asks for a page to type queries into."""
    return request.method == "GET" and "query" not in request.query_params and "text/html" in request.header("accept")


async def read_asked(request: Inquiry) -> Asked:
    """Return what is asked for. Raises Invalid, TooLarge or WrongMediaType."""
    if request.method == "GET":
        return parse_asked(_from_address(request.query_params))
    media_type = request.header("content-type").partition(";")[0].strip().lower()
    if media_type != JSON:
        raise WrongMediaType("Send application/json.", code="unsupported_media_type", field="content-type")
    return parse_asked(loads(await _read_body(request)))


def _from_address(parameters: Mapping[str, str]) -> dict[str, Any]:
    asked: dict[str, Any] = dict(parameters)
    for name in ("variables", "extensions"):
        text = asked.pop(name, "")
        if text:
            asked[name] = loads(text)
    return asked


async def _read_body(request: Inquiry) -> bytes:
    declared = request.header("content-length")
    if declared.isascii() and declared.isdigit() and len(declared) < 20 and int(declared) > limits.BODY_BYTES_MAX:
        raise _too_large()
    body, more = bytearray(), True
    while more:  # Starlette's own way round costs twice as much
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > limits.BODY_BYTES_MAX:
            raise _too_large()
    return bytes(body)


def _too_large() -> TooLarge:
    return TooLarge(f"A request has at most {limits.BODY_BYTES_MAX:,} bytes.", code="body_too_large")
