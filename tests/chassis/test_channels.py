"""A channel spreads calls, repeats what is safe and nothing else, and is bounded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any

import grpc
import pytest
from google.protobuf.wrappers_pb2 import StringValue

from services.chassis import limits
from services.chassis.channels import ATTEMPTS_MAX, call, open_channel, service_config
from services.chassis.clock import ManualClock
from services.chassis.errors import Conflict, Exhausted, SamverkaError, Unavailable
from services.chassis.interceptors import CallInterceptor, call_metadata
from services.chassis.server import server_options
from services.chassis.telemetry import Telemetry
from tests.chassis.echo import NAME, EchoService, EchoStub, TrustingVerifier, add_echo_to_server
from tests.support.logs import WAIT_SECONDS_MAX, eventually
from tests.support.loopbacks import needs_loopbacks
from tests.support.names import name_server

ANNA = call_metadata(token="anna")
SAY = f"{NAME}/Say"


@asynccontextmanager
async def serve(
    service: EchoService, *, address: str = "127.0.0.1:0", options: Sequence[tuple[str, Any]] = ()
) -> AsyncIterator[int]:
    interceptor = CallInterceptor(telemetry=Telemetry(service="echo"), verifier=TrustingVerifier(), clock=ManualClock())
    server = grpc.aio.server(interceptors=(interceptor,), options=[*options, *server_options()])
    add_echo_to_server(service, server)
    port = server.add_insecure_port(address)
    await server.start()
    try:
        async with asyncio.timeout(WAIT_SECONDS_MAX):
            yield port
    finally:
        await server.stop(None)


@asynccontextmanager
async def connect(target: str, *safe_methods: str) -> AsyncIterator[EchoStub]:
    channel = open_channel(target, safe_methods=safe_methods)
    try:
        yield EchoStub(channel)
    finally:
        await channel.close(None)


def fail_first(service: EchoService, failures: int, error: SamverkaError) -> None:
    """Make the service fail so many times."""
    left = [failures]

    def give_up() -> BaseException:
        left[0] -= 1
        if left[0] == 0:
            del service.raises["fail"]
        return error

    service.raises["fail"] = give_up


async def test_a_read_is_tried_again_when_a_replica_is_unavailable() -> None:
    service = EchoService()
    fail_first(service, ATTEMPTS_MAX - 1, Unavailable("not now"))
    async with serve(service) as port, connect(f"127.0.0.1:{port}", SAY) as stub:
        assert (await call(stub.Say, StringValue(value="fail"), metadata=ANNA)).value == "fail"
    assert service.calls == ATTEMPTS_MAX


async def test_attempts_are_bounded() -> None:
    service = EchoService()
    service.raises["fail"] = lambda: Unavailable("not now")
    async with serve(service) as port, connect(f"127.0.0.1:{port}", SAY) as stub:
        with pytest.raises(Unavailable):
            await call(stub.Say, StringValue(value="fail"), metadata=ANNA)
    assert service.calls == ATTEMPTS_MAX


async def test_what_is_not_named_safe_is_sent_once() -> None:
    service = EchoService()
    service.raises["fail"] = lambda: Unavailable("not now")
    async with serve(service) as port, connect(f"127.0.0.1:{port}", f"{NAME}/Other") as stub:
        with pytest.raises(Unavailable):
            await call(stub.Say, StringValue(value="fail"), metadata=ANNA)
    assert service.calls == 1


async def test_another_error_is_not_tried_again() -> None:
    service = EchoService()
    service.raises["fail"] = lambda: Conflict("moved")
    async with serve(service) as port, connect(f"127.0.0.1:{port}", SAY) as stub:
        with pytest.raises(Conflict):
            await call(stub.Say, StringValue(value="fail"), metadata=ANNA)
    assert service.calls == 1


async def test_calls_go_round_the_replicas() -> None:
    first, second = EchoService(), EchoService()
    async with (
        serve(first) as port,
        serve(second) as other,
        connect(f"ipv4:127.0.0.1:{port},127.0.0.1:{other}") as stub,
    ):
        while not (first.calls and second.calls):  # the second connection may take a moment longer
            await call(stub.Say, StringValue(), metadata=ANNA)
        before = first.calls, second.calls
        for _ in range(20):
            await call(stub.Say, StringValue(), metadata=ANNA)
    assert (first.calls - before[0], second.calls - before[1]) == (10, 10)


async def test_nobody_there_is_unavailable() -> None:
    async with serve(EchoService()) as port:
        pass
    async with connect(f"127.0.0.1:{port}") as stub:
        with pytest.raises(Unavailable):
            await call(stub.Say, StringValue(), metadata=ANNA)


async def test_a_call_past_its_time_is_unavailable() -> None:
    async with serve(EchoService()) as port, connect(f"127.0.0.1:{port}") as stub:
        with pytest.raises(Unavailable):
            await call(stub.Say, StringValue(value="wait"), metadata=ANNA, timeout_seconds=0.1)


async def test_requests_are_bounded_and_answers_may_be_larger() -> None:
    async with serve(EchoService()) as port, connect(f"127.0.0.1:{port}") as stub:
        with pytest.raises(Exhausted) as caught:
            await call(stub.Say, StringValue(value="x" * limits.REQUEST_BYTES_MAX), metadata=ANNA)
        assert caught.value.code == "too_large"
        answer = await call(stub.Say, StringValue(value="large"), metadata=ANNA)
        assert len(answer.value) > limits.REQUEST_BYTES_MAX


async def test_the_longest_token_goes_through() -> None:
    token = "x" * 8192
    async with serve(EchoService()) as port, connect(f"127.0.0.1:{port}") as stub:
        answer = await call(stub.Say, StringValue(value="who"), metadata=call_metadata(token=token, after="a:1"))
    assert answer.value == token


@pytest.mark.parametrize("name", ["", "Say", f"{NAME}/", "/Say", NAME])
def test_a_name_that_would_make_more_than_one_method_safe_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="service/method"):
        service_config([name])


@needs_loopbacks
async def test_a_name_stands_for_all_its_replicas_which_are_called_in_turn() -> None:
    one, other = EchoService(), EchoService()
    async with name_server({"echo.test": ["127.0.0.1", "127.0.0.2"]}) as names, AsyncExitStack() as stack:
        port = await stack.enter_async_context(serve(one))
        await stack.enter_async_context(serve(other, address=f"127.0.0.2:{port}"))
        stub = await stack.enter_async_context(connect(f"dns://127.0.0.1:{names.port}/echo.test:{port}"))

        async def reaches_both() -> bool:
            await call(stub.Say, StringValue(value="a"), metadata=ANNA)
            return one.calls > 0 and other.calls > 0

        await eventually(reaches_both)
        before = one.calls, other.calls
        for _ in range(20):
            await call(stub.Say, StringValue(value="a"), metadata=ANNA)
    assert (one.calls, other.calls) == (before[0] + 10, before[1] + 10)


@needs_loopbacks
async def test_a_replica_that_takes_anothers_place_is_found_and_a_name_without_any_changes_nothing() -> None:
    new = EchoService()

    async def reaches_the_new_one() -> bool:
        with suppress(Unavailable):
            await call(stub.Say, StringValue(value="a"), metadata=ANNA)
        return new.calls > 0

    async with name_server({"echo.test": ["127.0.0.1"]}) as names, AsyncExitStack() as stack:
        async with serve(EchoService()) as port:
            stub = await stack.enter_async_context(connect(f"dns://127.0.0.1:{names.port}/echo.test:{port}"))
            await call(stub.Say, StringValue(value="a"), metadata=ANNA)
            names.addresses["echo.test"] = ["127.0.0.2"]
        young = [("grpc.max_connection_age_ms", 500)]  # each end of a connection makes the channel look again
        await stack.enter_async_context(serve(new, address=f"127.0.0.2:{port}", options=young))
        await eventually(reaches_the_new_one)
        asked, names.addresses["echo.test"] = names.asked, []

        async def has_asked_again() -> bool:
            await call(stub.Say, StringValue(value="a"), metadata=ANNA)
            return names.asked > asked

        await eventually(has_asked_again)
        await call(stub.Say, StringValue(value="a"), metadata=ANNA)
