"""What every end of a call must have in common, whatever was sent."""

from __future__ import annotations

from typing import Any

import grpc
from google.protobuf.message import Message
from hypothesis import HealthCheck, settings

from services.chassis.errors import Invalid, SamverkaError, from_status
from services.chassis.interceptors import call_metadata
from tests.support.services import CALL_SECONDS_MAX, Member

FUZZED = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
"""Examples share a region: what one leaves behind is one more thing that the next may meet."""
RAW = (b"\xff", b"\x0a\x02\xc3\x28", b"\x0a\x80", b"\x12\x02\xc3\x28", b"\x0a\x03\xed\xa0\x80", b"\x12\x03\xed\xa0\x80")
"""No messages, and texts that are no UTF-8: lone surrogates among them."""
_SPEAKS_OF_OUR_INSIDE = ("Traceback", "Error", 'File "', "sqlite", "apsw")


async def require_a_decent_end(member: Member, method: Any, request: Message) -> None:
    """Send a request; it must be answered, or refused with what a client can go by."""
    try:
        await member.ask(method, request)
    except SamverkaError as error:
        require_a_decent_error(error)


async def require_a_decent_end_of_bytes(member: Member, channel: grpc.aio.Channel, path: str, raw: bytes) -> None:
    """Send bytes in place of a request; where they can be parsed at all, the same holds."""
    method: Any = channel.unary_unary(path, request_serializer=None, response_deserializer=None)
    try:
        await method(raw, metadata=call_metadata(token=member.token), timeout=CALL_SECONDS_MAX)
    except grpc.aio.AioRpcError as failure:
        error = from_status(failure)
        if error.code != "malformed_request":  # there are no fields then
            require_a_decent_error(error)


def require_a_decent_error(error: SamverkaError) -> None:
    assert error.status not in (grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN), str(error)
    assert error.code
    assert error.code != "internal"
    assert not any(word in error.message for word in _SPEAKS_OF_OUR_INSIDE), error.message
    if isinstance(error, Invalid):
        assert error.field, str(error)
