"""Facts about asking a process whether it is ready."""

from __future__ import annotations

import asyncio

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from ops.ports import FreePorts
from ops.probes import GrpcHealthProbe, HttpProbe

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


class StandInHealth(health_pb2_grpc.HealthServicer):  # type: ignore[misc] # the generated base has no types
    """Knows readiness alone, and of it what the test says."""

    def __init__(self, answer: health_pb2.HealthCheckResponse.ServingStatus.ValueType) -> None:
        self._answer = answer

    async def Check(
        self, request: health_pb2.HealthCheckRequest, context: grpc.aio.ServicerContext[object, object]
    ) -> health_pb2.HealthCheckResponse:
        if request.service != "readiness":
            await context.abort(grpc.StatusCode.NOT_FOUND)
        return health_pb2.HealthCheckResponse(status=self._answer)


@pytest.mark.parametrize(("answer", "ready"), [(SERVING, True), (NOT_SERVING, False)])
async def test_a_service_is_ready_when_its_health_says_so(
    answer: health_pb2.HealthCheckResponse.ServingStatus.ValueType, ready: bool
) -> None:
    server = grpc.aio.server()
    health_pb2_grpc.add_HealthServicer_to_server(StandInHealth(answer), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        assert await GrpcHealthProbe(address=f"127.0.0.1:{port}").is_ready() is ready
    finally:
        await server.stop(None)


async def test_what_does_not_listen_is_not_ready(free_ports: FreePorts) -> None:
    address = f"127.0.0.1:{free_ports.take()}"
    assert not await GrpcHealthProbe(address=address).is_ready()
    assert not await HttpProbe(url=f"http://{address}/readyz").is_ready()


@pytest.mark.parametrize(("status_line", "ready"), [("200 OK", True), ("503 Service Unavailable", False)])
async def test_an_http_process_is_ready_when_it_answers_200(status_line: str, ready: bool) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 {status_line}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        assert await HttpProbe(url=f"http://127.0.0.1:{port}/").is_ready() is ready
