"""Asks a replica about its projection, on its admin port."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc

from ops.probes import CHANNEL_OPTIONS
from samverka.node.v1 import node_service_pb2_grpc


@asynccontextmanager
async def node_stub(address: str) -> AsyncIterator[node_service_pb2_grpc.NodeServiceAsyncStub]:
    """Give a stub for the replica whose admin port is ``address`` (host:port)."""
    async with grpc.aio.insecure_channel(address, options=CHANNEL_OPTIONS) as channel:
        yield node_service_pb2_grpc.NodeServiceStub(channel)


def why(error: grpc.aio.AioRpcError) -> str:
    """Return in a few words why a replica did not answer."""
    return str(error.code().name).lower().replace("_", " ")
