"""The errors that a caller may see, in one tree.

SamverkaError
├── Invalid           the request is wrong and stays wrong          INVALID_ARGUMENT
├── Unauthenticated   who asks is not known                         UNAUTHENTICATED
├── Forbidden         who asks is known and may not                 PERMISSION_DENIED
├── NotFound          what is asked for is not there, or not for them NOT_FOUND
├── Gone              it is done, and what came of it is there no more FAILED_PRECONDITION
├── Conflict          it was right, and something else came first   ABORTED
├── Exhausted         a bound was reached                           RESOURCE_EXHAUSTED
└── Unavailable       not now; the same request may succeed later   UNAVAILABLE

``message`` is for the client and holds nothing that they may not know; ``detail`` is for the log. ``code`` is stable:
programs may branch on it. The mapping to gRPC, with google.rpc details, stands here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, cast

import grpc
from google.protobuf import duration_pb2
from google.protobuf.message import DecodeError
from google.rpc import code_pb2, error_details_pb2, status_pb2

DOMAIN = "samverka"
_STATUS_DETAILS_KEY = "grpc-status-details-bin"
_RETRY_DELAY_SECONDS = 1


class SamverkaError(Exception):
    """An outcome that the caller is told about."""

    status: ClassVar[grpc.StatusCode] = grpc.StatusCode.INTERNAL
    default_code: ClassVar[str] = "internal"

    def __init__(self, message: str, *, code: str = "", field: str = "", detail: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.field = field
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.code}: {self.message}" + (f" ({self.detail})" if self.detail else "")

    def __repr__(self) -> str:
        """Return what a line of a log needs, which the message for the client is not."""
        return f"{type(self).__name__}({str(self)!r})"


class Invalid(SamverkaError):
    """The request is wrong and stays wrong; ``field`` names the part that is."""

    status = grpc.StatusCode.INVALID_ARGUMENT
    default_code = "invalid"


class Unauthenticated(SamverkaError):
    """Who asks is not known."""

    status = grpc.StatusCode.UNAUTHENTICATED
    default_code = "unauthenticated"


class Forbidden(SamverkaError):
    """Who asks is known and may not."""

    status = grpc.StatusCode.PERMISSION_DENIED
    default_code = "forbidden"


class NotFound(SamverkaError):
    """What is asked for is not there, or not for the one who asks."""

    status = grpc.StatusCode.NOT_FOUND
    default_code = "not_found"


class Gone(SamverkaError):
    """It is done, and what came of it was deleted or hidden since: nothing can be shown, and a repeat changes nothing."""

    status = grpc.StatusCode.FAILED_PRECONDITION
    default_code = "not_shown"


class Conflict(SamverkaError):
    """The request was right, and something else came first."""

    status = grpc.StatusCode.ABORTED
    default_code = "conflict"


class Exhausted(SamverkaError):
    """A bound was reached; later, or with less, it may succeed."""

    status = grpc.StatusCode.RESOURCE_EXHAUSTED
    default_code = "exhausted"


class Unavailable(SamverkaError):
    """Not now; the same request may succeed later."""

    status = grpc.StatusCode.UNAVAILABLE
    default_code = "unavailable"


_BY_STATUS: dict[grpc.StatusCode, type[SamverkaError]] = {
    grpc.StatusCode.INVALID_ARGUMENT: Invalid,
    grpc.StatusCode.OUT_OF_RANGE: Invalid,
    grpc.StatusCode.UNAUTHENTICATED: Unauthenticated,
    grpc.StatusCode.PERMISSION_DENIED: Forbidden,
    grpc.StatusCode.NOT_FOUND: NotFound,
    grpc.StatusCode.ABORTED: Conflict,
    grpc.StatusCode.ALREADY_EXISTS: Conflict,
    grpc.StatusCode.FAILED_PRECONDITION: Gone,
    grpc.StatusCode.RESOURCE_EXHAUSTED: Exhausted,
    grpc.StatusCode.UNAVAILABLE: Unavailable,
    grpc.StatusCode.DEADLINE_EXCEEDED: Unavailable,
}


def to_status(error: SamverkaError) -> tuple[grpc.StatusCode, str, tuple[tuple[str, bytes], ...]]:
    """Return the gRPC code, the safe text and the trailing metadata that carry ``error`` over the wire."""
    status = status_pb2.Status(code=code_pb2.Code.Value(error.status.name), message=error.message)
    status.details.add().Pack(error_details_pb2.ErrorInfo(reason=error.code, domain=DOMAIN))
    if error.field:
        violation = error_details_pb2.BadRequest.FieldViolation(
            field=error.field, description=error.message, reason=error.code.upper()
        )
        status.details.add().Pack(error_details_pb2.BadRequest(field_violations=[violation]))
    if isinstance(error, Unavailable | Exhausted | Conflict):
        delay = duration_pb2.Duration(seconds=_RETRY_DELAY_SECONDS)
        status.details.add().Pack(error_details_pb2.RetryInfo(retry_delay=delay))
    return error.status, error.message, ((_STATUS_DETAILS_KEY, status.SerializeToString()),)


def from_status(error: grpc.aio.AioRpcError) -> SamverkaError:
    """Return the error that a call ended in; one that no Samverka server raised becomes Unavailable or internal."""
    trailing = dict(cast("Iterable[tuple[str, str | bytes]]", error.trailing_metadata() or ()))
    code, field = _read_details(trailing.get(_STATUS_DETAILS_KEY, b""))
    kind = _BY_STATUS.get(error.code(), SamverkaError)
    if code:
        return kind(error.details() or "", code=code, field=field)
    detail = f"{error.code().name}: {error.details()}"
    if kind is Unavailable:
        return Unavailable("The service does not answer now; try again.", detail=detail)
    if kind is Exhausted:
        return Exhausted("The request or its answer is too large.", code="too_large", detail=detail)
    return SamverkaError("Something went wrong on our side.", detail=detail)


def _read_details(raw: str | bytes) -> tuple[str, str]:
    """Return the code and the field that a Samverka server sent along; empty if it was somebody else, or nonsense."""
    code, field = "", ""
    info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    try:
        for packed in status_pb2.Status.FromString(raw if isinstance(raw, bytes) else raw.encode()).details:
            if packed.Unpack(info) and info.domain == DOMAIN:
                code = info.reason
            elif packed.Unpack(bad) and bad.field_violations:
                field = bad.field_violations[0].field
    except DecodeError:
        return "", ""
    return code, field
