"""Asks a region's network service, on this machine."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc

from ops.probes import CHANNEL_OPTIONS
from samverka.network.v1 import network_service_pb2_grpc


@asynccontextmanager
async def network_stub(address: str) -> AsyncIterator[network_service_pb2_grpc.NetworkServiceAsyncStub]:
    """Give a stub for the network service at ``address`` (host:port)."""
    async with grpc.aio.insecure_channel(address, options=CHANNEL_OPTIONS) as channel:
        yield network_service_pb2_grpc.NetworkServiceStub(channel)
