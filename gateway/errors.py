"""What a client is told when something goes wrong: a safe text and a stable code, the detail to the log.

A mutation tells it in its payload (``errors { code message field }``), everything else in GraphQL's own errors, with
``extensions { code field }``. What nobody foresaw is logged with its trace, and told as ``internal``.
"""

from __future__ import annotations

import logging
from typing import Any

import grpc
from graphql import GraphQLError, GraphQLSyntaxError

from services.chassis.errors import (
    Conflict,
    Exhausted,
    Forbidden,
    Gone,
    Invalid,
    NotFound,
    SamverkaError,
    Unauthenticated,
    Unavailable,
    from_status,
)

INTERNAL = "Something went wrong on our side."

_HTTP_STATUS: dict[type[SamverkaError], int] = {
    Invalid: 400,
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    Gone: 410,
    Exhausted: 429,
    Unavailable: 503,
}
_log = logging.getLogger(__name__)


def told(error: BaseException) -> SamverkaError:
    """Return what the client is told of ``error``, and log what they are not."""
    if isinstance(error, grpc.aio.AioRpcError):
        error = from_status(error)
    if not isinstance(error, SamverkaError):
        _log.error("unexpected error", exc_info=error)
        return SamverkaError(INTERNAL)
    if type(error) is SamverkaError:
        _log.error("internal error: %s", error)
    elif error.detail:
        _log.info("request refused: %s", error)
    return error


def code_of(error: BaseException) -> str:
    """Return the code that the client is told of ``error``."""
    if isinstance(error, grpc.aio.AioRpcError):
        error = from_status(error)
    return error.code if isinstance(error, SamverkaError) else SamverkaError.default_code


def shape(error: GraphQLError) -> None:
    """Give ``error`` its safe message and ``extensions``, in place: it may go out over HTTP or WebSocket."""
    if error.extensions and "code" in error.extensions:
        return
    cause = _cause(error)
    if cause is None:
        blame_request(error)
        return
    shown = told(cause)
    error.message = shown.message
    error.extensions = extensions(shown)


def blame_request(error: GraphQLError) -> None:
    """Give ``error``, which was found before anything was executed, its code, in place."""
    if not error.extensions or "code" not in error.extensions:
        syntax = isinstance(error, GraphQLSyntaxError)
        error.extensions = {"code": "graphql_syntax" if syntax else "graphql_invalid"}


def extensions(error: SamverkaError) -> dict[str, Any]:
    """Return the code and, if there is one, the field, as the client knows it."""
    return {"code": error.code} | ({"field": client_field(error.field)} if error.field else {})


def as_graphql(error: SamverkaError) -> GraphQLError:
    """Return a GraphQL error that tells ``error``."""
    return GraphQLError(error.message, extensions=extensions(error))


def as_body(error: SamverkaError) -> dict[str, Any]:
    """Return the response body of a request that failed before it was executed."""
    return {"errors": [{"message": error.message, "extensions": extensions(error)}]}


def http_status(error: SamverkaError) -> int:
    """Return the HTTP status of a request that failed as a whole."""
    return _HTTP_STATUS.get(type(error), 500)


def client_field(field: str) -> str:
    """Return the name by which GraphQL clients know a field of a gRPC request: ``context.post_id`` is ``postId``."""
    first, *rest = field.rpartition(".")[2].split("_")
    return first + "".join(word.capitalize() for word in rest)


def _cause(error: GraphQLError) -> BaseException | None:
    """Return the exception behind ``error``; None if GraphQL itself complains about the request."""
    cause = error.original_error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return cause
