"""A call to a service: with the caller's token, their position and a deadline; what goes wrong is a SamverkaError.

A text that cannot be sent (a lone surrogate) is Invalid with the field that holds it, before it leaves this process.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import grpc
from google.protobuf.message import Message

from gateway import limits
from gateway.people import later
from samverka.event.v1 import event_pb2
from services.chassis import limits as chassis_limits
from services.chassis.errors import Invalid, Unavailable, from_status
from services.chassis.eventlog.port import Position
from services.chassis.ids import parse
from services.chassis.interceptors import behind_events, call_metadata

# The service waits for the caller's position before its own time begins.
QUERY_SECONDS_MAX = chassis_limits.CATCH_UP_SECONDS_MAX + chassis_limits.QUERY_SECONDS_MAX

M = TypeVar("M", bound=Message)
T = TypeVar("T")


@dataclass(slots=True)
class Talk:
    """What the calls of one request have in common, and what they learn.

    ``after`` is the newest position the caller has seen, ``written`` that of the request's own writes; ``behind`` is how
    many events the answers were short of it.
    """

    token: str
    after: Position | None = None
    written: Position | None = None
    behind: int = 0

    def metadata(self) -> tuple[tuple[str, str], ...]:
        """Return the metadata of the next call."""
        return call_metadata(token=self.token, after=str(self.after) if self.after else "")


def build(kind: type[M], /, **fields: Any) -> M:
    """Return the message; Invalid if a field cannot hold its value."""
    try:
        return kind(**fields)
    except ValueError as error:
        field = _unfit(kind, fields)
        if isinstance(fields.get(field), str):
            raise _not_text(field) from None
        raise Invalid("That value cannot be used.", code="invalid_value", field=field, detail=repr(error)) from None


async def resumed(watch: Callable[[], AsyncGenerator[T, None]]) -> AsyncGenerator[T, None]:
    """Yield what the streams that ``watch`` opens bring, one after the other.

    One that breaks (a replica is restarted, a connection has lived its time) is followed by the next, with growing pauses;
    Unavailable if that happens RESUMES_WITHOUT_NEWS_MAX times without news in between.
    """
    broken = 0
    while True:
        try:
            async with aclosing(watch()) as items:
                async for item in items:
                    broken = 0
                    yield item
            # A server that ends the stream in order has nothing against being asked again.
            failure = Unavailable("The stream has ended; subscribe again.", code="stream_ended")
        except Unavailable as error:
            failure = error
        broken += 1
        if broken > limits.RESUMES_WITHOUT_NEWS_MAX:
            raise failure
        await asyncio.sleep(min(limits.RESUME_DELAY_SECONDS * 2**broken, limits.RESUME_DELAY_SECONDS_MAX))


async def stream(call: Any) -> AsyncGenerator[Any, None]:
    """Yield the responses of a stream; a SamverkaError if it ended in one."""
    try:
        async for response in call:
            yield response
    except grpc.aio.AioRpcError as error:
        raise from_status(error) from error
    finally:
        call.cancel()


async def query(talk: Talk, method: Any, request: Message) -> Any:
    """Ask a question; the talk learns how far behind the answer was."""
    call = method(request, metadata=talk.metadata(), timeout=QUERY_SECONDS_MAX)
    reply = await _reply(call)
    if talk.after is not None:  # only who asked to wait can be told that it was in vain
        talk.behind = max(talk.behind, behind_events(await call.trailing_metadata()))
    return reply


async def command(talk: Talk, method: Any, request: Message) -> Any:
    """Send a command; the talk learns where it was written."""
    reply = await _reply(method(request, metadata=talk.metadata(), timeout=chassis_limits.COMMAND_SECONDS_MAX))
    if reply.position.epoch:
        talk.written = later(Position(reply.position.epoch, reply.position.sequence), talk.written)
        talk.after = later(talk.written, talk.after)
    return reply


async def _reply(call: Awaitable[Any]) -> Any:
    try:
        return await call
    except grpc.aio.AioRpcError as error:
        raise from_status(error) from error


def command_context(key: str) -> event_pb2.CommandContext:
    """Return the context of a command under an idempotency key."""
    return build(event_pb2.CommandContext, idempotency_key=key)


def page_items(first: int) -> int:
    """Return ``first`` if a page can have so many items. Raises Invalid."""
    if not 1 <= first <= chassis_limits.PAGE_ITEMS_MAX:
        raise Invalid(f"A page has 1 to {chassis_limits.PAGE_ITEMS_MAX} items.", code="page_size", field="first")
    return first


def optional_id(given: str | None, *, field: str) -> str:
    """Return an id that may be left out; Invalid if it is none. An empty text is none: the services would take it for one
    that was left out, and what was meant for a group must not be for everybody.
    """
    return "" if given is None else parse(given, field=field)


def shown(_kind: type[M], message: Any) -> M:
    """Give the stub's answer its type, which grpc's own stubs do not know."""
    return cast("M", message)


def _unfit(kind: type[Message], fields: Mapping[str, Any]) -> str:
    """Return the first field that cannot hold its value."""
    for name, value in fields.items():
        try:
            kind(**{name: value})
        except ValueError:
            return name
    return ""


def _not_text(field: str) -> Invalid:
    return Invalid("It holds characters that are not text.", code="control_characters", field=field)
