"""What surrounds a call, seen from a client over a real connection."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable

import grpc
import pytest
from google.protobuf.wrappers_pb2 import StringValue

from services.chassis import errors, limits
from services.chassis.channels import call, open_channel
from services.chassis.clock import ManualClock
from services.chassis.errors import Invalid, SamverkaError, Unauthenticated, Unavailable
from services.chassis.instruments import watch
from services.chassis.interceptors import CallInterceptor, behind_events, call_metadata
from services.chassis.telemetry import Telemetry
from tests.chassis.echo import (
    NAME,
    EchoService,
    EchoStub,
    TrustingVerifier,
    add_echo_to_server,
    invalid,
    secretive,
)

SAMPLED = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
ANNA = call_metadata(token="anna")
WAIT_SECONDS_MAX = 60.0


class World:
    """A server, a client, and a projection whose progress a test sets."""

    def __init__(self) -> None:
        self.service = EchoService()
        self.telemetry = Telemetry(service="echo")
        self.applied = True
        watch(self.telemetry.meter, "echo.applied", "What a test says", lambda: self.applied)
        self.waited: list[tuple[str, float]] = []
        self.interceptor = CallInterceptor(
            telemetry=self.telemetry,
            verifier=TrustingVerifier(),
            clock=ManualClock(),
            wait_applied=self.wait_applied,
            lag_events=lambda: 7,
        )
        self.server = grpc.aio.server(interceptors=(self.interceptor,))
        add_echo_to_server(self.service, self.server)
        self.port = self.server.add_insecure_port("127.0.0.1:0")
        self.channel = open_channel(f"127.0.0.1:{self.port}")
        self.stub = EchoStub(self.channel)

    async def wait_applied(self, position: str, seconds: float) -> bool:
        self.waited.append((position, seconds))
        return self.applied

    async def say(self, text: str, metadata: object = ANNA) -> str:
        answer = await call(self.stub.Say, StringValue(value=text), metadata=metadata)
        return str(answer.value)

    def metrics(self) -> str:
        return self.telemetry.render_metrics().decode()


@pytest.fixture
async def world() -> AsyncIterator[World]:
    made = World()
    await made.server.start()
    try:
        async with asyncio.timeout(WAIT_SECONDS_MAX * 3):
            yield made
    finally:
        await made.channel.close(None)
        await made.server.stop(None)
        made.telemetry.shutdown()


async def test_the_caller_is_known_inside_the_call(world: World) -> None:
    assert await world.say("who") == "anna"
    handles = await asyncio.gather(*(world.say("who", call_metadata(token=f"p{number}")) for number in range(20)))
    assert handles == [f"p{number}" for number in range(20)]


@pytest.mark.parametrize(
    ("metadata", "code"),
    [
        ((), "token_missing"),
        ((("authorization", "anna"),), "token_malformed"),
        ((("authorization", "Basic anna"),), "token_malformed"),
        ((("authorization", "Bearer anna"), ("authorization", "Bearer kenji")), "token_malformed"),
        (call_metadata(token="bad"), "token_signature"),
    ],
)
async def test_without_one_good_token_nothing_is_called(
    world: World, metadata: tuple[tuple[str, str], ...], code: str
) -> None:
    with pytest.raises(Unauthenticated) as caught:
        await world.say("who", metadata)
    assert caught.value.code == code
    stream = world.stub.Tell(StringValue(), metadata=metadata)
    with pytest.raises(grpc.aio.AioRpcError) as failed:
        await stream.read()
    assert errors.from_status(failed.value).code == code
    assert world.service.calls == 0
    assert world.service.ended == []


async def test_a_method_of_a_kind_that_is_not_guarded_is_not_served(world: World) -> None:
    async def requests() -> AsyncIterator[StringValue]:
        yield StringValue()

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await world.stub.Take(requests())
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


async def test_an_unknown_method_is_not_remembered(world: World) -> None:
    for _ in range(3):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await world.stub.Unknown(StringValue(), metadata=ANNA)
        assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED
    assert world.interceptor._handlers == {}


@pytest.mark.parametrize(
    "kind",
    [
        errors.Invalid,
        errors.Unauthenticated,
        errors.Forbidden,
        errors.NotFound,
        errors.Conflict,
        errors.Exhausted,
        errors.Unavailable,
    ],
)
async def test_an_error_of_the_tree_arrives_as_it_was_raised(world: World, kind: type[SamverkaError]) -> None:
    world.service.raises["fail"] = lambda: kind("Said to the client.", code="stable", field="body", detail="hunter2")
    with pytest.raises(kind) as caught:
        await world.say("fail")
    error = caught.value
    assert (error.message, error.code, error.field, error.detail) == ("Said to the client.", "stable", "body", "")
    stream = world.stub.Tell(StringValue(value="fail"), metadata=ANNA)
    with pytest.raises(grpc.aio.AioRpcError) as failed:
        await drop_all(stream)
    assert type(errors.from_status(failed.value)) is kind
    assert "hunter2" not in repr(failed.value)


@pytest.mark.parametrize("method", ["Say", "Tell"])
async def test_the_unexpected_is_logged_with_its_trace_and_told_to_nobody(
    world: World, method: str, caplog: pytest.LogCaptureFixture
) -> None:
    world.service.raises["fail"] = secretive
    sent = getattr(world.stub, method)(StringValue(value="fail"), metadata=ANNA)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await (sent if method == "Say" else drop_all(sent))
    assert caught.value.code() is grpc.StatusCode.INTERNAL
    told = repr(caught.value) + repr(tuple(caught.value.trailing_metadata()))
    for secret in ("hunter2", "RuntimeError", "Traceback", "echo.py"):
        assert secret not in told
    assert errors.from_status(caught.value).code == "internal"
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert "hunter2" in str(record.exc_text)


@pytest.mark.parametrize("text", ["unwritable"])
async def test_an_answer_that_cannot_be_written_leaks_nothing(world: World, text: str) -> None:
    with pytest.raises(SamverkaError) as caught:
        await world.say(text)
    assert caught.value.code == "internal"


async def test_a_request_that_cannot_be_parsed_is_invalid(world: World) -> None:
    for raw in (b"\xff\xff\xff", b"\x0a\xff", b"\x0a\x02\xff\xfe"):
        with pytest.raises(Invalid) as caught:
            await call(world.stub.SayRaw, raw, metadata=ANNA)
        assert caught.value.code == "malformed_request"


async def test_what_a_servicer_aborts_by_hand_stays(world: World) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await world.stub.Say(StringValue(value="abort"), metadata=ANNA)
    assert (caught.value.code(), caught.value.details()) == (grpc.StatusCode.DATA_LOSS, "by hand")


async def test_a_trace_goes_on_from_client_to_server(world: World) -> None:
    telemetry = Telemetry(service="gateway")
    with telemetry.span("query", traceparent=SAMPLED):
        metadata = call_metadata(token="anna")
        inside = await world.say("trace", metadata)
    sent = dict(metadata)["traceparent"]
    assert sent.split("-")[1] == inside.split("-")[1] == SAMPLED.split("-")[1]
    assert len({SAMPLED.split("-")[2], sent.split("-")[2], inside.split("-")[2]}) == 3


async def test_a_malformed_trace_is_ignored(world: World) -> None:
    assert await world.say("trace", (*ANNA, ("traceparent", "nonsense")))


async def test_a_caller_reads_what_they_wrote(world: World) -> None:
    sent = world.stub.Say(StringValue(value="hello"), metadata=call_metadata(token="anna", after="a1:42"))
    await sent
    assert world.waited == [("a1:42", limits.CATCH_UP_SECONDS_MAX)]
    assert behind_events(tuple(await sent.trailing_metadata())) == 0


async def test_a_query_that_is_still_behind_answers_and_says_so(world: World) -> None:
    world.applied = False
    metadata = call_metadata(token="anna", after="a1:42")
    sent = world.stub.Say(StringValue(value="trailing"), metadata=metadata)
    assert (await sent).value == "trailing"
    trailing = await sent.trailing_metadata()
    assert behind_events(trailing) == 7
    assert ("mine", "1") in tuple(trailing)
    stream = world.stub.Tell(StringValue(value="x"), metadata=metadata)
    assert [item.value async for item in stream] == ["anna", "x"]
    assert behind_events(await stream.trailing_metadata()) == 7
    world.service.raises["fail"] = invalid
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await world.stub.Say(StringValue(value="fail"), metadata=metadata)
    assert behind_events(caught.value.trailing_metadata()) == 7  # type: ignore[arg-type]  # the stubs' metadata
    assert errors.from_status(caught.value).code == "too_long"


@pytest.mark.parametrize("after", ["x", ":1", "a:", "a:-1", "a:1:2", "a b:1", "a:" + "9" * 20, "x" * 65 + ":1"])
async def test_a_malformed_position_is_invalid_on_both_sides(world: World, after: str) -> None:
    with pytest.raises(Invalid) as caught:
        await world.say("hello", (*ANNA, ("samverka-after", after)))
    assert (caught.value.code, caught.value.field) == ("malformed_position", "samverka-after")
    assert world.waited == []
    with pytest.raises(Invalid, match="malformed_position"):
        call_metadata(token="anna", after=after)


async def test_a_call_has_a_cap_whatever_its_client_allows(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "COMMAND_SECONDS_MAX", 0.05)
    with pytest.raises(Unavailable) as caught:
        await world.say("wait")
    assert caught.value.code == "deadline"


async def test_a_call_ends_when_its_client_waits_no_longer(world: World) -> None:
    waits_seconds = 0.05
    while not world.service.entered.is_set():  # on a slow machine the time may be over before the call has come
        waits_seconds *= 2
        with pytest.raises(SamverkaError):
            await call(world.stub.Say, StringValue(value="wait"), metadata=ANNA, timeout_seconds=waits_seconds)
    await eventually(lambda: 'rpc_response_status_code="CANCELLED"' in world.metrics())


async def test_a_timeout_inside_a_call_is_not_taken_for_its_cap(world: World) -> None:
    world.service.raises["fail"] = TimeoutError
    with pytest.raises(SamverkaError) as caught:
        await world.say("fail")
    assert caught.value.code == "internal"


async def test_a_client_that_goes_away_cancels_its_call(world: World) -> None:
    stream = world.stub.Tell(StringValue(value="wait"), metadata=ANNA)
    assert (await stream.read()).value == "anna"
    await world.service.entered.wait()
    stream.cancel()
    await eventually(lambda: world.service.ended == ["wait"])
    await eventually(lambda: 'rpc_response_status_code="CANCELLED"' in world.metrics())
    assert world.interceptor._streams == set()


async def test_a_drain_ends_streams_and_lets_other_calls_finish(world: World) -> None:
    stream = world.stub.Tell(StringValue(value="wait"), metadata=ANNA)
    assert (await stream.read()).value == "anna"
    await world.service.entered.wait()
    world.service.entered.clear()
    running = asyncio.create_task(world.say("wait"))
    await world.service.entered.wait()
    world.interceptor.drain()
    world.interceptor.drain()
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stream.read()
    error = errors.from_status(caught.value)
    assert (type(error), error.code) == (Unavailable, "draining")
    world.service.may_leave.set()
    assert await running == "waited"
    late = world.stub.Tell(StringValue(), metadata=ANNA)
    with pytest.raises(grpc.aio.AioRpcError):
        await late.read()


async def test_calls_are_counted_by_method_status_and_code(world: World) -> None:
    world.service.raises["fail"] = invalid
    for _ in range(2):
        await world.say("hello")
    with pytest.raises(Invalid):
        await world.say("fail")
    counted = world.metrics()
    name = "rpc_server_call_duration_seconds_count"
    assert f'{name}{{error_type="",rpc_method="{NAME}/Say",rpc_response_status_code="OK"}} 2.0' in counted
    bad = f'{name}{{error_type="too_long",rpc_method="{NAME}/Say",rpc_response_status_code="INVALID_ARGUMENT"}} 1.0'
    assert bad in counted


@pytest.mark.parametrize(("value", "events"), [("7", 7), ("", 0), ("-1", 0), ("x", 0), ("٣", 0)])
def test_what_is_no_number_of_events_is_none(value: str, events: int) -> None:
    assert behind_events((("samverka-behind", value),)) == events
    assert behind_events(None) == 0


async def drop_all(stream: AsyncIterator[object]) -> None:
    """Read a stream to its end."""
    async for _ in stream:
        pass


async def eventually(condition: Callable[[], bool]) -> None:
    """Wait until the condition holds, at most WAIT_SECONDS_MAX."""
    async with asyncio.timeout(WAIT_SECONDS_MAX):
        while not condition():
            await asyncio.sleep(0.01)
