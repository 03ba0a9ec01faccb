"""A browser's client of a real network, over graphql-transport-ws."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import websockets

from tests.e2e.network import Network

WATCH = "subscription ($after: String) { homeFeedUpdates(after: $after) { cursor node { body author { handle } } } }"
ANSWER_SECONDS_MAX = 60


class Socket:
    """A connection that has been acknowledged."""

    def __init__(self, connection: websockets.ClientConnection) -> None:
        self._connection = connection

    async def send(self, **message: Any) -> None:
        await self._connection.send(json.dumps(message))

    async def next_of(self, kind: str) -> dict[str, Any]:
        async with asyncio.timeout(ANSWER_SECONDS_MAX):
            while True:
                message: dict[str, Any] = json.loads(await self._connection.recv())
                if message["type"] == kind:
                    return message


@asynccontextmanager
async def connect(network: Network, token: str) -> AsyncIterator[Socket]:
    url = f"ws://127.0.0.1:{network.port}/graphql"
    async with websockets.connect(url, subprotocols=[websockets.Subprotocol("graphql-transport-ws")]) as connection:
        socket = Socket(connection)
        await socket.send(type="connection_init", payload={"authorization": f"Bearer {token}"})
        yield socket
