"""A gateway behind a real HTTP server on a free port."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette

from gateway.app import make_server


@asynccontextmanager
async def run_server(app: Starlette) -> AsyncIterator[int]:
    """Serve ``app`` and yield its port; stop it in the end."""
    server = make_server(app)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        task = asyncio.create_task(server.serve(sockets=[listening]))
        async with asyncio.timeout(60):
            while not server.started:
                await asyncio.sleep(0.001)
        try:
            yield listening.getsockname()[1]
        finally:
            server.should_exit = True
            async with asyncio.timeout(60):
                await task
