"""The home feed over graphql-transport-ws, as a browser's client speaks it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import websockets

from tests.e2e.network import Network

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(240)]
WATCH = "subscription ($after: String) { homeFeedUpdates(after: $after) { cursor node { body author { handle } } } }"
ANSWER_SECONDS_MAX = 20


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


async def test_a_post_arrives_at_those_who_watch_and_a_cursor_goes_on_from_there(network: Network) -> None:
    async with network.client("anna") as anna, connect(network, network.token("anna")) as socket:
        await socket.next_of("connection_ack")
        first = await anna.create_post("before anybody watched", "0")
        edges = (await anna.ask("{ homeFeed { edges { cursor node { id } } } }"))["homeFeed"]["edges"]
        assert edges[0]["node"]["id"] == first["post"]["id"]

        await anna.create_post("one", "1")
        await socket.send(
            id="a", type="subscribe", payload={"query": WATCH, "variables": {"after": edges[0]["cursor"]}}
        )
        seen = [await socket.next_of("next")]
        await anna.create_post("two", "2")
        seen.append(await socket.next_of("next"))

    bodies = [message["payload"]["data"]["homeFeedUpdates"]["node"]["body"] for message in seen]
    assert bodies == ["one", "two"]


async def test_a_stranger_cannot_watch(network: Network) -> None:
    with pytest.raises(websockets.ConnectionClosed):
        async with connect(network, "nonsense") as socket:
            await socket.next_of("connection_ack")
