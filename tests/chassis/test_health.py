"""Health answers what is so at the moment of the question."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from services.chassis.health import HealthServicer

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
WAIT_SECONDS_MAX = 60.0


class World:
    """A health server whose readiness a test sets."""

    def __init__(self) -> None:
        self.is_ready = True
        self.fault: Exception | None = None
        self.servicer = HealthServicer(ready=self.ready, watch_every_seconds=0.01)
        self.server = grpc.aio.server()
        health_pb2_grpc.add_HealthServicer_to_server(self.servicer, self.server)
        port = self.server.add_insecure_port("127.0.0.1:0")
        self.channel = grpc.aio.insecure_channel(f"127.0.0.1:{port}")
        self.stub = health_pb2_grpc.HealthStub(self.channel)

    def ready(self) -> bool:
        if self.fault:
            raise self.fault
        return self.is_ready

    async def check(self, service: str) -> int:
        return int((await self.stub.Check(health_pb2.HealthCheckRequest(service=service))).status)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    made = World()
    await made.server.start()
    async with asyncio.timeout(WAIT_SECONDS_MAX):
        yield made
    await made.channel.close(None)
    await made.server.stop(None)


@pytest.mark.parametrize("service", ["readiness", ""])
async def test_readiness_follows_what_it_is_told(world: World, service: str) -> None:
    assert await world.check(service) == SERVING
    world.is_ready = False
    assert await world.check(service) == NOT_SERVING
    world.is_ready = True
    assert await world.check(service) == SERVING


async def test_a_drain_is_not_ready_and_alive(world: World) -> None:
    world.servicer.drain()
    assert await world.check("readiness") == NOT_SERVING
    assert await world.check("") == NOT_SERVING
    assert await world.check("liveness") == SERVING


async def test_a_fault_is_not_ready_and_alive(world: World) -> None:
    world.fault = RuntimeError("broken")
    assert await world.check("readiness") == NOT_SERVING
    assert await world.check("liveness") == SERVING


async def test_a_service_that_there_is_not_is_not_found(world: World) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await world.check("feed")
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


async def test_a_watcher_is_told_of_each_change(world: World) -> None:
    watch = world.stub.Watch(health_pb2.HealthCheckRequest(service="readiness"))
    assert (await watch.read()).status == SERVING
    world.is_ready = False
    assert (await watch.read()).status == NOT_SERVING
    world.is_ready = True
    assert (await watch.read()).status == SERVING
    world.servicer.drain()
    assert (await watch.read()).status == NOT_SERVING
    watch.cancel()
