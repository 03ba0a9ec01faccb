"""What surrounds every call: on the server a span, metrics, the caller, read-your-writes, deadlines and errors.

The order on the way in: span, cap on the time, authentication, waiting for the position that the caller has seen, parsing
of the request, the servicer. Whatever is raised becomes one of the errors of the tree; a stack trace goes to the log alone.
On the client's side ``call_metadata`` is what a call carries. The stock instrumentation costs twice as much.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Protocol

import grpc
from google.protobuf.message import DecodeError

from services.chassis import limits
from services.chassis.auth import Caller, with_caller
from services.chassis.clock import Clock
from services.chassis.errors import Invalid, SamverkaError, Unauthenticated, Unavailable, to_status
from services.chassis.telemetry import Telemetry
from services.chassis.traceparents import current_traceparent

AFTER_KEY = "samverka-after"
BEHIND_KEY = "samverka-behind"
AUTHORIZATION_KEY = "authorization"
TRACEPARENT_KEY = "traceparent"
_BEARER = "bearer "
_POSITION = re.compile(r"[A-Za-z0-9_-]{1,64}:[0-9]{1,19}")

WaitApplied = Callable[[str, float], Awaitable[bool]]
"""Waits until the position in text form is applied, at most so many seconds; False: still behind."""
Context = Any  # grpc.aio.ServicerContext, whose stubs know neither its metadata nor its abort
Handler = Any  # grpc.RpcMethodHandler, whose stubs know its attributes as optional
Metadata = tuple[tuple[str, str | bytes], ...]

_log = logging.getLogger(__name__)


class TokenVerifier(Protocol):
    """Makes a caller of a token."""

    async def verify(self, token: str) -> Caller: ...


@dataclass(slots=True)
class _Call:
    """One call under way. ``seconds_max`` None: a stream, which has no cap of its own."""

    method: str
    context: Context
    seconds_max: float | None
    metadata: Metadata
    behind_events: int = 0
    status: str = grpc.StatusCode.CANCELLED.name
    code: str = ""


class CallInterceptor(grpc.aio.ServerInterceptor):  # type: ignore[type-arg]  # generic in the stubs alone
    """Surrounds every unary and every server-streaming call; a method of another kind is refused as unknown."""

    def __init__(
        self,
        *,
        telemetry: Telemetry,
        verifier: TokenVerifier,
        clock: Clock,
        wait_applied: WaitApplied | None = None,
        lag_events: Callable[[], int] | None = None,
    ) -> None:
        self._telemetry = telemetry
        self._verifier = verifier
        self._clock = clock
        self._wait_applied = wait_applied
        self._lag_events = lag_events
        self._handlers: dict[str, Handler] = {}
        self._streams: set[asyncio.Timeout] = set()
        self._draining = False
        self._duration = telemetry.durations(
            "rpc.server.call.duration",
            description="Calls answered, by method, status and error code",
            labels=("rpc.method", "rpc.response.status_code", "error.type"),
            clock=clock,
        )

    async def intercept_service(self, continuation: Callable[[Any], Awaitable[Any]], handler_call_details: Any) -> Any:
        """Return the handler of the method, surrounded."""
        method: str = handler_call_details.method
        if method not in self._handlers:
            handler = await continuation(handler_call_details)
            if handler is None:  # unknown to the server: not remembered, or a stranger could fill the memory
                return None
            self._handlers[method] = self._surround(method, handler)
        return self._handlers[method]

    def drain(self) -> None:
        """End every stream with Unavailable, so that its client opens it elsewhere; other calls may finish."""
        if self._draining:
            return
        self._draining = True
        now = asyncio.get_running_loop().time()
        for scope in self._streams:
            scope.reschedule(now)

    def _surround(self, method: str, handler: Handler) -> Handler:
        if handler.unary_unary is not None:
            return grpc.unary_unary_rpc_method_handler(self._unary(method, handler))
        if inspect.isasyncgenfunction(handler.unary_stream):
            return grpc.unary_stream_rpc_method_handler(self._stream(method, handler))
        # Let through as it is, it would be answered to callers whom nobody has asked for a token.
        _log.error("a method of this kind is not served", extra={"method": method})
        return None

    def _unary(self, method: str, handler: Handler) -> Callable[[bytes, Context], Awaitable[bytes]]:
        # The messages are parsed and written in here, so that what is wrong with them is answered like all else.
        async def answer(raw: bytes, context: Context) -> bytes:
            async def work() -> bytes:
                response = await handler.unary_unary(_parse(handler, raw), context)
                return bytes(handler.response_serializer(response))

            call = _Call(method, context, limits.COMMAND_SECONDS_MAX, _metadata(context))
            return await self._answer(call, work)

        return answer

    def _stream(self, method: str, handler: Handler) -> Callable[[bytes, Context], Awaitable[None]]:
        async def answer(raw: bytes, context: Context) -> None:
            async def work() -> bytes:
                responses: AsyncIterator[Any] = handler.unary_stream(_parse(handler, raw), context)
                async with aclosing(responses) as open_responses:  # type: ignore[type-var]
                    async for response in open_responses:
                        await context.write(handler.response_serializer(response))
                return b""

            await self._answer(_Call(method, context, None, _metadata(context)), work)

        return answer

    async def _answer(self, call: _Call, work: Callable[[], Awaitable[bytes]]) -> bytes:
        began_seconds = self._clock.monotonic_seconds()
        try:
            with self._telemetry.span(
                call.method.lstrip("/"), traceparent=_text(call.metadata, TRACEPARENT_KEY), kind="server"
            ) as span:
                outcome = await self._attempt(call, work)
                if isinstance(outcome, SamverkaError):
                    _note(call, outcome)
                    span.set_attribute("error.type", outcome.code)
                else:
                    call.status = grpc.StatusCode.OK.name
        except grpc.aio.AbortError:
            call.status = call.code = "aborted_by_servicer"
            raise
        finally:
            seconds = self._clock.monotonic_seconds() - began_seconds
            self._duration.record(seconds, call.method.lstrip("/"), call.status, call.code)
        return await _conclude(call, outcome)

    async def _attempt(self, call: _Call, work: Callable[[], Awaitable[bytes]]) -> bytes | SamverkaError:
        """Return the answer or the error that the caller is told; only cancellation and a servicer's abort are raised."""
        try:
            if _ends_with_its_client(call):
                return await self._carry_out(call, work)
            return await self._within_time(call, work)
        except SamverkaError as error:
            if error.status is grpc.StatusCode.INTERNAL:
                _log.error("a call failed", extra={"method": call.method}, exc_info=error)
            return error
        except grpc.aio.AbortError:
            raise
        except Exception:
            _log.exception("a call failed unexpectedly", extra={"method": call.method})
            return SamverkaError("Something went wrong on our side.")

    async def _within_time(self, call: _Call, work: Callable[[], Awaitable[bytes]]) -> bytes:
        """Return the answer. Raises Unavailable when the call's time is over, or the stream's at the drain."""
        scope = asyncio.timeout(call.seconds_max)
        try:
            async with scope:
                self._enter_stream(call, scope)
                return await self._carry_out(call, work)
        except TimeoutError:
            if scope.expired():
                raise _timed_out(draining=call.seconds_max is None) from None
            raise
        finally:
            self._streams.discard(scope)

    async def _carry_out(self, call: _Call, work: Callable[[], Awaitable[bytes]]) -> bytes:
        caller = await self._verifier.verify(_bearer(call.metadata))
        with with_caller(caller):
            await self._catch_up(call)
            return await work()

    def _enter_stream(self, call: _Call, scope: asyncio.Timeout) -> None:
        if call.seconds_max is not None:
            return
        if self._draining:
            raise _timed_out(draining=True)
        self._streams.add(scope)

    async def _catch_up(self, call: _Call) -> None:
        """Wait for the position that the caller has seen; remember how far behind we are if it does not come."""
        after = _text(call.metadata, AFTER_KEY)
        if not after or self._wait_applied is None:
            return
        check_position(after)
        if not await self._wait_applied(after, limits.CATCH_UP_SECONDS_MAX):
            call.behind_events = max(1, self._lag_events() if self._lag_events is not None else 1)


def call_metadata(*, token: str, after: str = "") -> tuple[tuple[str, str], ...]:
    """Return what a call carries: who asks, the current trace, and the position that they have seen.

    Raises Invalid if ``after`` is no position.
    """
    entries = [(AUTHORIZATION_KEY, f"Bearer {token}")]
    traceparent = current_traceparent()
    if traceparent:
        entries.append((TRACEPARENT_KEY, traceparent))
    if after:
        entries.append((AFTER_KEY, check_position(after)))
    return tuple(entries)


def behind_events(trailing: Iterable[tuple[str, str | bytes]] | None) -> int:
    """Return how many events an answer was behind the position asked for, from its trailing metadata; 0: none."""
    value = _text(tuple(trailing or ()), BEHIND_KEY)
    return int(value) if value.isascii() and value.isdigit() else 0


def check_position(text: str) -> str:
    """Return ``text`` if it has the form of a position, ``<epoch>:<sequence>``; Invalid otherwise."""
    if not _POSITION.fullmatch(text):
        raise Invalid("That is not a position.", code="malformed_position", field=AFTER_KEY)
    return text


def _metadata(context: Context) -> Metadata:
    return tuple(context.invocation_metadata() or ())


def _text(metadata: Metadata, key: str) -> str:
    for name, value in metadata:
        if name == key and isinstance(value, str):
            return value
    return ""


def _ends_with_its_client(call: _Call) -> bool:
    """Whether the client waits no longer than we allow: gRPC cancels such a call at its deadline, so no time of ours runs.

    A timer that is begun and stopped costs as much as reading the metadata, the token and the position together.
    """
    if call.seconds_max is None:
        return False
    waits_seconds = call.context.time_remaining()
    return waits_seconds is not None and waits_seconds <= call.seconds_max


def _bearer(metadata: Metadata) -> str:
    values = [value for name, value in metadata if name == AUTHORIZATION_KEY]
    if not values:
        raise Unauthenticated("Sign in first.", code="token_missing")
    value = values[0]
    # Two of them, and who asks would depend on which one is read.
    if len(values) > 1 or not isinstance(value, str) or not value.lower().startswith(_BEARER):
        raise Unauthenticated("The authorization must be one bearer token.", code="token_malformed")
    return value[len(_BEARER) :].strip()


def _parse(handler: Handler, raw: bytes) -> Any:
    try:
        return handler.request_deserializer(raw)
    except (DecodeError, ValueError) as error:
        raise Invalid("The request cannot be parsed.", code="malformed_request", detail=repr(error)) from None


def _timed_out(*, draining: bool) -> Unavailable:
    if draining:
        return Unavailable("The service is moving; open the stream again.", code="draining")
    return Unavailable("It took too long; try again.", code="deadline")


def _note(call: _Call, error: SamverkaError) -> None:
    """Keep the outcome for the metrics, and its detail for the log."""
    call.status, call.code = error.status.name, error.code
    if error.detail:
        _log.info("a call was refused", extra={"method": call.method, "code": error.code, "detail": error.detail})


async def _conclude(call: _Call, outcome: bytes | SamverkaError) -> bytes:
    """Send the trailing metadata and return the answer, or abort with the error; abort raises."""
    behind = ((BEHIND_KEY, str(call.behind_events)),) if call.behind_events else ()
    if not isinstance(outcome, SamverkaError):
        if behind:
            call.context.set_trailing_metadata((*(call.context.trailing_metadata() or ()), *behind))
        return outcome
    status, message, trailing = to_status(outcome)
    await call.context.abort(status, message, (*trailing, *behind))
    raise AssertionError("abort has returned")
