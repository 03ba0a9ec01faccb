"""A process of a service: it listens, it drains, it ends with its tasks."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
import pytest
from google.protobuf.wrappers_pb2 import StringValue
from grpc_channelz.v1 import channelz_pb2, channelz_pb2_grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from services.chassis.channels import call, open_channel
from services.chassis.errors import SamverkaError, Unavailable
from services.chassis.interceptors import call_metadata
from services.chassis.server import Server, TaskFailed
from services.chassis.settings import ListenFault
from services.chassis.telemetry import Telemetry
from tests.chassis.echo import NAME, EchoService, EchoStub, TrustingVerifier, add_echo_to_server, make_settings

ANNA = call_metadata(token="anna")
WAIT_SECONDS_MAX = 60.0


def make_server(service: EchoService | None = None, *, listen: str = "127.0.0.1:0", **options: Any) -> Server:
    return Server(
        **{
            "settings": make_settings(grpc_listen=listen),
            "telemetry": Telemetry(service="echo"),
            "servicers": [(add_echo_to_server, service or EchoService())],
            "service_names": [NAME],
            "verifier": TrustingVerifier(),
            "ready": lambda: True,
            **options,
        }
    )


@asynccontextmanager
async def started(server: Server) -> AsyncIterator[Server]:
    async with asyncio.timeout(WAIT_SECONDS_MAX):
        await server.start()
        try:
            yield server
        finally:
            await server.stop()


@asynccontextmanager
async def connect(port: int) -> AsyncIterator[grpc.aio.Channel]:
    channel = open_channel(f"127.0.0.1:{port}")
    try:
        yield channel
    finally:
        await channel.close(None)


async def ask_readiness(channel: grpc.aio.Channel) -> int:
    stub = health_pb2_grpc.HealthStub(channel)
    return int((await stub.Check(health_pb2.HealthCheckRequest(service="readiness"))).status)


async def test_each_port_serves_its_own() -> None:
    async with started(make_server()) as server:
        ports = {server.grpc_port, server.health_port, server.admin_port}
        assert len(ports) == 3
        assert 0 not in ports
        async with connect(server.grpc_port) as main, connect(server.health_port) as health:
            assert (await call(EchoStub(main).Say, StringValue(value="who"), metadata=ANNA)).value == "anna"
            assert await ask_readiness(health) == health_pb2.HealthCheckResponse.SERVING
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await ask_readiness(main)
            assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await EchoStub(health).Say(StringValue(), metadata=ANNA)
            assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


async def test_the_admin_port_tells_what_is_served_and_how_it_goes() -> None:
    extra = EchoService()
    async with started(make_server(admin_servicers=[(add_echo_to_server, extra)])) as server:
        async with connect(server.admin_port) as channel:
            reflection = reflection_pb2_grpc.ServerReflectionStub(channel)
            asked = reflection.ServerReflectionInfo(
                iter([reflection_pb2.ServerReflectionRequest(list_services="")])  # one question
            )
            answer = await asked.read()
            names = [service.name for service in answer.list_services_response.service]
            assert NAME in names
            servers = await channelz_pb2_grpc.ChannelzStub(channel).GetServers(channelz_pb2.GetServersRequest())
            assert len(servers.server) >= 3
            await EchoStub(channel).Say(StringValue(value="hello"))  # what an operator asks needs no token here
        assert extra.calls == 1


async def test_a_generated_service_is_guarded_too() -> None:
    class Open(health_pb2_grpc.HealthServicer):  # type: ignore[misc]
        async def Check(self, request: object, context: object) -> health_pb2.HealthCheckResponse:
            return health_pb2.HealthCheckResponse()

    servicers = [(health_pb2_grpc.add_HealthServicer_to_server, Open())]
    async with started(make_server(servicers=servicers)) as server, connect(server.grpc_port) as channel:
        with pytest.raises(SamverkaError, match="token_missing"):
            await call(health_pb2_grpc.HealthStub(channel).Check, health_pb2.HealthCheckRequest(), metadata=())


@pytest.mark.parametrize("name", ["grpc_listen", "health_listen", "admin_listen"])
async def test_a_busy_port_is_a_clear_fault_and_leaves_nothing_running(name: str) -> None:
    async with started(make_server()) as first:
        settings = make_settings(**{name: f"127.0.0.1:{first.grpc_port}"})
        second = make_server(settings=settings)
        with pytest.raises(ListenFault, match=f"SAMVERKA_{name.upper()}: cannot listen on 127.0.0.1:"):
            await second.start()
        for port in (second.health_port, second.admin_port):
            if port:
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))


async def test_a_drain_lets_a_running_call_finish_and_takes_no_new_one() -> None:
    service = EchoService()
    stopped = asyncio.Event()

    async def projection() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    server = make_server(service, tasks=[projection], drain_seconds=WAIT_SECONDS_MAX)
    async with started(server), connect(server.grpc_port) as channel, connect(server.health_port) as health:
        stub = EchoStub(channel)
        running = asyncio.create_task(call(stub.Say, StringValue(value="wait"), metadata=ANNA))
        await service.entered.wait()
        stopping = asyncio.create_task(server.stop())
        while await ask_readiness(health) == health_pb2.HealthCheckResponse.SERVING:
            await asyncio.sleep(0.01)
        assert not stopping.done()
        async with connect(server.grpc_port) as late:
            with pytest.raises(Unavailable):
                await call(EchoStub(late).Say, StringValue(value="who"), metadata=ANNA)
        assert not stopped.is_set()  # a command may still wait for the projection
        service.may_leave.set()
        assert (await running).value == "waited"
        await stopping
        assert stopped.is_set()


async def test_a_drain_is_bounded() -> None:
    service = EchoService()
    server = make_server(service, drain_seconds=0.05)
    async with started(server), connect(server.grpc_port) as channel:
        running = asyncio.create_task(call(EchoStub(channel).Say, StringValue(value="wait"), metadata=ANNA))
        await service.entered.wait()
        await server.stop()
        with pytest.raises(SamverkaError):
            await running


async def test_it_serves_until_it_is_asked_to_stop() -> None:
    server = make_server()
    serving = asyncio.create_task(server.serve())
    async with asyncio.timeout(WAIT_SECONDS_MAX):
        while not server.grpc_port:
            await asyncio.sleep(0.01)
        server.ask_to_stop()
        await serving


async def test_a_task_that_fails_ends_it(caplog: pytest.LogCaptureFixture) -> None:
    ended: list[str] = []

    async def fails() -> None:
        raise RuntimeError("the log is gone")

    async def goes_on() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("other task")

    server = make_server(tasks=[goes_on, fails])
    async with asyncio.timeout(WAIT_SECONDS_MAX):
        with pytest.raises(TaskFailed):
            await server.serve()
    assert ended == ["other task"]
    assert any("the log is gone" in (record.exc_text or str(record.exc_info)) for record in caplog.records)


async def test_a_task_that_is_done_ends_nothing() -> None:
    async def once() -> None:
        pass

    async with started(make_server(tasks=[once])) as server, connect(server.grpc_port) as channel:
        assert (await call(EchoStub(channel).Say, StringValue(value="who"), metadata=ANNA)).value == "anna"


async def test_stopping_twice_is_one() -> None:
    server = make_server()
    async with started(server):
        await server.stop()


PROCESS = """
import asyncio, sys
from services.chassis.clock import SystemClock
from services.chassis.server import Server, run
from services.chassis.telemetry import Telemetry
from tests.chassis.echo import *

async def fails():
    raise RuntimeError("the log is gone")

async def tells(server):
    while not server.grpc_port:
        await asyncio.sleep(0.01)
    print(type(asyncio.get_running_loop()).__module__, server.grpc_port, flush=True)
    await asyncio.Event().wait()

async def main():
    settings = make_settings(grpc_listen=sys.argv[2])
    telemetry = Telemetry.start(settings, service="echo")
    tasks = [fails] if sys.argv[1] == "fails" else [lambda: tells(server)]
    server = Server(settings=settings, telemetry=telemetry, servicers=[(add_echo_to_server, EchoService())],
                    service_names=[NAME], verifier=TrustingVerifier(), ready=lambda: True, tasks=tasks)
    try:
        await server.serve()
    finally:
        telemetry.shutdown()

run(main())
"""


def begin_process(*arguments: str) -> subprocess.Popen[str]:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([path for path in sys.path if path])}
    command = [sys.executable, "-c", textwrap.dedent(PROCESS), *arguments]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.skipif(os.name != "posix", reason="signals are of POSIX")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_a_process_with_zero(number: signal.Signals) -> None:
    process = begin_process("serves", "127.0.0.1:0")
    try:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("uvloop")
        process.send_signal(number)
        _, told = process.communicate(timeout=WAIT_SECONDS_MAX)
    finally:
        process.kill()
    assert process.returncode == 0, told
    assert "Traceback" not in told


def test_a_task_that_fails_ends_a_process_with_one_and_says_why() -> None:
    process = begin_process("fails", "127.0.0.1:0")
    _, told = process.communicate(timeout=WAIT_SECONDS_MAX)
    assert process.returncode == 1
    assert "a background task failed" in told
    assert "the log is gone" in told


def test_a_busy_port_ends_a_process_with_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = begin_process("serves", f"127.0.0.1:{taken.getsockname()[1]}")
        _, told = process.communicate(timeout=WAIT_SECONDS_MAX)
    assert process.returncode == 1
    assert "SAMVERKA_GRPC_LISTEN: cannot listen on 127.0.0.1:" in told
    assert "Traceback" not in told
