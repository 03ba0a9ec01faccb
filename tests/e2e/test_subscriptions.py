"""The home feed over graphql-transport-ws, as a browser's client speaks it."""

from __future__ import annotations

import pytest
import websockets

from tests.e2e.network import Network
from tests.e2e.sockets import WATCH, connect

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(600)]


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
