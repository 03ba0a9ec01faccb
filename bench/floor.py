"""The floor: what this shape costs when nothing is done. A service that returns stored bytes, a gateway that returns none.

``python -m bench.floor service PORT FILE`` and ``python -m bench.floor gateway PORT SERVICE_PORT``.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from samverka.feed.v1 import feed_service_pb2 as pb
from services.chassis.server import run

METHOD = "/samverka.feed.v1.FeedService/ListHomeFeed"


async def serve_stored_bytes(port: int, stored: bytes) -> None:
    """Answer every call with the same bytes."""

    async def answer(request: bytes, context: grpc.aio.ServicerContext[Any, Any]) -> bytes:
        return stored

    service, _, method = METHOD[1:].partition("/")
    handlers = {method: grpc.unary_unary_rpc_method_handler(answer)}
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, handlers),))
    server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    await server.wait_for_termination()


async def serve_nothing(port: int, service_port: int) -> None:
    """Answer every request with no body, after the call that a page takes."""
    channel = grpc.aio.insecure_channel(f"127.0.0.1:{service_port}")
    call = channel.unary_unary(METHOD, request_serializer=None, response_deserializer=None)
    request = pb.ListHomeFeedRequest(first=20).SerializeToString()

    async def answer(_: Request) -> Response:
        await call(request, timeout=5)
        return Response(b"")

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await channel.close(None)

    app = Starlette(routes=[Route("/graphql", answer, methods=["POST"])], lifespan=lifespan)
    config = uvicorn.Config(app, port=port, loop="uvloop", http="httptools", access_log=False, log_level="warning")
    await uvicorn.Server(config).serve()


def main() -> None:
    """Run one of the two until it is stopped."""
    role, port, other = sys.argv[1:]
    if role == "service":
        run(serve_stored_bytes(int(port), Path(other).read_bytes()))
    else:
        run(serve_nothing(int(port), int(other)))


if __name__ == "__main__":
    main()
