"""The client that browsers use, graphql-ws, gets over graphql-transport-ws what it is promised."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import connect

from gateway import limits
from services.chassis.errors import Unavailable
from tests.gateway.audits.programs import PATIENCE_SECONDS, Program, needs_node, running
from tests.gateway.fakes.answering import EPOCH
from tests.gateway.fakes.content import post_id
from tests.gateway.fakes.node import Node
from tests.gateway.running import run_server

UPDATES = "subscription($after: String) { homeFeedUpdates(after: $after) { cursor node { id } } }"
RETRIES = 5
"""How often the client connects again by itself: it may have been given a new token meanwhile."""
NETWORK = "subscription { networkUpdates { region } }"

pytestmark = needs_node


@asynccontextmanager
async def client(node: Node, *, token: str = "token-of-ann", keep_alive_ms: int = 0) -> AsyncIterator[Program]:
    """Run the client against a gateway over fakes."""
    async with run_server(node.app) as port:
        url = f"ws://127.0.0.1:{port}/graphql"
        async with running("sockets.mjs", url, f"Bearer {token}", str(keep_alive_ms)) as program:
            yield program


def update(number: int) -> dict[str, Any]:
    return {"data": {"homeFeedUpdates": {"cursor": f"{EPOCH}:{number}", "node": {"id": post_id(number)}}}}


async def watched(node: Node, *, times: int) -> list[str]:
    """Wait until the feed has been watched so often, and return after what."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while len(node.feed.named("WatchHomeFeed")) < times:
            await asyncio.sleep(0.001)
    return [call.request.after for call in node.feed.named("WatchHomeFeed")]


async def test_several_subscriptions_are_told_apart_on_one_connection(node: Node) -> None:
    async with client(node) as program:
        await program.tell("subscribe", "feed", UPDATES, {"after": f"{EPOCH}:1"})
        await program.tell("subscribe", "network", NETWORK)
        assert await program.heard() == ["connected", False]
        node.feed.arriving.put_nowait(2)
        assert await program.heard() == ["next", "feed", update(2)]
        node.network.changing.put_nowait(0)
        assert await program.heard() == ["next", "network", {"data": {"networkUpdates": {"region": "stockholm"}}}]


async def test_completing_one_ends_its_call_and_leaves_the_other(node: Node) -> None:
    async with client(node) as program:
        await program.tell("subscribe", "feed", UPDATES, {"after": f"{EPOCH}:1"})
        await program.tell("subscribe", "network", NETWORK)
        await watched(node, times=1)
        await program.tell("complete", "feed")
        async with asyncio.timeout(PATIENCE_SECONDS):
            await node.feed.watchers_gone.acquire()
        assert await program.heard_of("complete") == ["feed"]
        node.network.changing.put_nowait(0)
        assert (await program.heard_of("next"))[0] == "network"


async def test_a_query_over_the_socket_is_answered_and_completed(node: Node) -> None:
    async with client(node) as program:
        await program.tell("subscribe", "query", "{ viewer { handle } }")
        assert await program.heard_of("next") == ["query", {"data": {"viewer": {"handle": "ann"}}}]
        assert await program.heard() == ["complete", "query"]


async def test_who_connects_again_goes_on_after_the_last_cursor(node: Node) -> None:
    async with client(node) as program:
        await program.tell("subscribe", "feed", UPDATES, {"after": f"{EPOCH}:1"})
        node.feed.arriving.put_nowait(2)
        assert await program.heard_of("next") == ["feed", update(2)]
        await program.tell("terminate")
        async with asyncio.timeout(PATIENCE_SECONDS):  # else the first one takes what is for the second
            await node.feed.watchers_gone.acquire()
        assert await program.heard_of("connected") == [True]
        node.feed.arriving.put_nowait(3)
        assert await program.heard_of("next") == ["feed", update(3)]
        assert await watched(node, times=2) == [f"{EPOCH}:1", f"{EPOCH}:2"]


async def test_pings_are_answered(node: Node) -> None:
    async with client(node, keep_alive_ms=5) as program:
        await program.tell("subscribe", "feed", UPDATES)
        assert await program.heard_of("pong") == [True]


async def test_a_refused_operation_is_an_error_with_a_code_and_the_connection_stays(node: Node) -> None:
    async with client(node) as program:
        await program.tell("subscribe", "feed", UPDATES)
        await program.tell("subscribe", "wrong", "subscription { nonsense }")
        operation, [error] = await program.heard_of("error")
        assert (operation, error["extensions"]["code"]) == ("wrong", "graphql_invalid")
        node.feed.arriving.put_nowait(2)
        assert await program.heard_of("next") == ["feed", update(2)]


async def test_who_keeps_coming_with_a_wrong_token_is_told_so_and_gives_up(node: Node) -> None:
    async with client(node, token="wrong") as program:
        await program.tell("subscribe", "feed", UPDATES)
        for _ in range(1 + RETRIES):
            assert await program.heard() == ["closed", 4403, "token_signature"]
        assert await program.heard() == ["error", "feed", 4403]


async def test_when_nobody_can_be_verified_the_client_comes_again(node: Node) -> None:
    node.verifier.error = Unavailable("No keys.", code="issuer_unreachable")
    async with client(node) as program:
        await program.tell("subscribe", "feed", UPDATES)
        assert await program.heard_of("closed") == [1013, "issuer_unreachable"]
        node.verifier.error = None
        assert await program.heard_of("connected") == [True]


async def test_a_subscription_too_many_is_an_error_of_its_own(node: Node) -> None:
    async with client(node) as program:
        for number in range(limits.SUBSCRIPTIONS_PER_CONNECTION_MAX + 1):
            await program.tell("subscribe", str(number), UPDATES, {"after": f"{EPOCH}:1"})
        operation, [error] = await program.heard_of("error")
        wanted = (str(limits.SUBSCRIPTIONS_PER_CONNECTION_MAX), "too_many_subscriptions")
        assert (operation, error["extensions"]["code"]) == wanted


async def test_the_protocol_before_this_one_is_not_spoken(node: Node) -> None:
    async with (
        run_server(node.app) as port,
        connect(f"ws://127.0.0.1:{port}/graphql", subprotocols=["graphql-ws"]) as connection,  # type: ignore[list-item]
    ):
        async with asyncio.timeout(PATIENCE_SECONDS):
            await connection.wait_closed()
        assert connection.protocol.close_rcvd is not None
        assert connection.protocol.close_rcvd.code == 4406
