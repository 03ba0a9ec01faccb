"""Asks a process whether it is ready: over HTTP, or by the gRPC health protocol."""

from __future__ import annotations

from dataclasses import dataclass

import grpc
import httpx
from grpc_health.v1 import health_pb2, health_pb2_grpc

_ANSWER_SECONDS_MAX = 1.0
READINESS = "readiness"

CHANNEL_OPTIONS: tuple[tuple[str, int], ...] = (
    ("grpc.enable_http_proxy", 0),  # what is asked stands on this machine
    ("grpc.use_local_subchannel_pool", 1),  # a channel of now must not wait for the back-off of an earlier one
)


@dataclass(frozen=True, slots=True)
class HttpProbe:
    """Ready when a GET of ``url`` answers 200."""

    url: str

    async def is_ready(self) -> bool:
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=_ANSWER_SECONDS_MAX) as client:
                response = await client.get(self.url)
        except httpx.HTTPError:
            return False
        return response.status_code == httpx.codes.OK


@dataclass(frozen=True, slots=True)
class GrpcHealthProbe:
    """Ready when the health service at ``address`` says that ``readiness`` is serving."""

    address: str

    async def is_ready(self) -> bool:
        async with grpc.aio.insecure_channel(self.address, options=CHANNEL_OPTIONS) as channel:
            stub = health_pb2_grpc.HealthStub(channel)
            try:
                answer = await stub.Check(health_pb2.HealthCheckRequest(service=READINESS), timeout=_ANSWER_SECONDS_MAX)
            except grpc.aio.AioRpcError:
                return False
        return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


Probe = HttpProbe | GrpcHealthProbe
