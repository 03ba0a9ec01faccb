"""What WebSocket clients get, over a real server: sign-in, updates, bounds, and an end with a code."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

from gateway import limits
from services.chassis.errors import Invalid, Unavailable
from tests.gateway.fakes.answering import EPOCH
from tests.gateway.fakes.content import post_id
from tests.gateway.fakes.node import Node
from tests.gateway.running import run_server

UPDATES = "subscription($after: String) { homeFeedUpdates(after: $after) { cursor node { id author { handle } } } }"
PATIENCE_SECONDS = 60


@pytest.fixture
async def address(node: Node) -> AsyncIterator[str]:
    async with run_server(node.app) as port:
        yield f"ws://127.0.0.1:{port}/graphql"


class Socket:
    """One connection."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    async def send(self, message: Any) -> None:
        await self._connection.send(message if isinstance(message, str) else json.dumps(message))

    async def receive(self) -> Any:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return json.loads(await self._connection.recv())

    async def closed(self) -> tuple[int, str]:
        """Return the code and the reason that the server closed the connection with."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self._connection.wait_closed()
        close = self._connection.protocol.close_rcvd
        assert close is not None
        return close.code, close.reason

    async def sign_in(self, **payload: str) -> None:
        await self.send({"type": "connection_init", "payload": payload or {"authorization": "Bearer token-of-ann"}})
        assert (await self.receive())["type"] == "connection_ack"

    async def subscribe(self, query: str = UPDATES, variables: Any = None, operation_id: str = "1") -> None:
        payload = {"query": query, "variables": variables}
        await self.send({"id": operation_id, "type": "subscribe", "payload": payload})


@asynccontextmanager
async def opened(address: str, **headers: str) -> AsyncIterator[Socket]:
    async with connect(address, subprotocols=["graphql-transport-ws"], additional_headers=headers) as connection:  # type: ignore[list-item]
        yield Socket(connection)


@pytest.mark.parametrize("key", ["authorization", "Authorization"])
async def test_posts_come_as_they_arrive(node: Node, address: str, key: str) -> None:
    async with opened(address) as socket:
        await socket.sign_in(**{key: "Bearer token-of-ann"})
        await socket.subscribe(variables={"after": f"{EPOCH}:4"})
        for number in (5, 6):
            node.feed.arriving.put_nowait(number)
            assert await socket.receive() == {
                "id": "1",
                "type": "next",
                "payload": {
                    "data": {
                        "homeFeedUpdates": {
                            "cursor": f"{EPOCH}:{number}",
                            "node": {"id": post_id(number), "author": {"handle": "ann"}},
                        }
                    }
                },
            }
        [call] = node.feed.named("WatchHomeFeed")
        assert (call.request.after, call.metadata["authorization"]) == (f"{EPOCH}:4", "Bearer token-of-ann")


async def test_the_token_may_stand_in_the_header_of_the_handshake(node: Node, address: str) -> None:
    async with opened(address, Authorization="Bearer token-of-bo") as socket:
        await socket.send({"type": "connection_init"})
        assert (await socket.receive())["type"] == "connection_ack"
        await socket.subscribe("{ viewer { handle } }")
        assert (await socket.receive())["payload"]["data"] == {"viewer": {"handle": "bo"}}


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ({}, "token_missing"),
        ({"authorization": "Bearer wrong"}, "token_signature"),
        ({"authorization": 5}, "malformed_request"),
    ],
)
async def test_who_is_not_known_is_shown_out_with_a_code(address: str, payload: Any, reason: str) -> None:
    async with opened(address) as socket:
        await socket.send({"type": "connection_init", "payload": payload})
        assert await socket.closed() == (4403, reason)


async def test_when_nobody_can_be_verified_clients_are_to_try_again(node: Node, address: str) -> None:
    node.verifier.error = Unavailable("No keys.", code="issuer_unreachable")
    async with opened(address) as socket:
        await socket.send({"type": "connection_init", "payload": {"authorization": "Bearer token-of-ann"}})
        assert await socket.closed() == (1013, "issuer_unreachable")


async def test_a_subscription_ends_with_a_code_when_the_token_does(node: Node, address: str) -> None:
    node.verifier.lifetime_seconds = 60
    async with opened(address) as socket:
        await socket.sign_in()
        node.clock.advance(59.95)
        await socket.subscribe()
        node.clock.advance(1)  # for the look at the clock after the wait
        message = await socket.receive()
        codes = [error["extensions"]["code"] for error in _errors(message)]
        assert codes == ["token_expired"]


async def test_an_expired_token_begins_nothing_more(node: Node, address: str) -> None:
    node.verifier.lifetime_seconds = 60
    async with opened(address) as socket:
        await socket.sign_in()
        node.clock.advance(61)
        await socket.subscribe("{ viewer { id } }")
        message = await socket.receive()
        assert (message["type"], message["payload"][0]["extensions"]["code"]) == ("error", "token_expired")


async def test_a_stream_that_breaks_goes_on_after_the_last_post(
    node: Node, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "RESUME_DELAY_SECONDS", 0.001)
    async with opened(address) as socket:
        await socket.sign_in()
        await socket.subscribe(variables={"after": f"{EPOCH}:1"})
        for told in (2, Unavailable("Moving.", code="draining"), None, 3):
            node.feed.arriving.put_nowait(told)
        cursors = [(await socket.receive())["payload"]["data"]["homeFeedUpdates"]["cursor"] for _ in range(2)]
        assert cursors == [f"{EPOCH}:2", f"{EPOCH}:3"]
        assert [call.request.after for call in node.feed.named("WatchHomeFeed")] == [
            f"{EPOCH}:1",
            f"{EPOCH}:2",
            f"{EPOCH}:2",
        ]


async def test_from_now_on_begins_at_the_newest_post_so_that_a_break_loses_nothing(node: Node, address: str) -> None:
    async with opened(address) as socket:
        await socket.sign_in()
        await socket.subscribe()
        node.feed.arriving.put_nowait(2)
        await socket.receive()
        assert [call.request.after for call in node.feed.named("WatchHomeFeed")] == [f"{EPOCH}:1"]


async def test_a_stream_that_stays_broken_ends_with_a_code(
    node: Node, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "RESUME_DELAY_SECONDS", 0.0)
    node.feed.errors["WatchHomeFeed"] = Unavailable("Not now.")
    async with opened(address) as socket:
        await socket.sign_in()
        await socket.subscribe()
        assert [error["extensions"]["code"] for error in _errors(await socket.receive())] == ["unavailable"]
        assert len(node.feed.named("WatchHomeFeed")) == limits.RESUMES_WITHOUT_NEWS_MAX + 1


async def test_a_refusal_of_the_service_ends_the_subscription_with_its_code(node: Node, address: str) -> None:
    node.feed.errors["WatchHomeFeed"] = Invalid("Not a cursor.", code="malformed_cursor", field="after")
    async with opened(address) as socket:
        await socket.sign_in()
        await socket.subscribe(variables={"after": "x"})
        [error] = _errors(await socket.receive())
        assert error["extensions"] == {"code": "malformed_cursor", "field": "after"}
        assert (await socket.receive())["type"] == "complete"


async def test_a_client_that_completes_or_leaves_ends_the_call_behind_it(node: Node, address: str) -> None:
    async with opened(address) as socket:
        await socket.sign_in()
        for operation_id in ("1", "2"):
            await socket.subscribe(operation_id=operation_id)
        await _watched(node, times=2)
        await socket.send({"id": "1", "type": "complete"})
        async with asyncio.timeout(PATIENCE_SECONDS):
            await node.feed.watchers_gone.acquire()
    async with asyncio.timeout(PATIENCE_SECONDS):
        await node.feed.watchers_gone.acquire()


async def test_subscriptions_are_bounded_on_a_connection(
    node: Node, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SUBSCRIPTIONS_PER_CONNECTION_MAX", 2)
    async with opened(address) as socket:
        await socket.sign_in()
        for number in range(3):
            await socket.subscribe(operation_id=str(number))
        message = await socket.receive()
        assert (message["id"], message["type"]) == ("2", "error")
        assert message["payload"][0]["extensions"]["code"] == "too_many_subscriptions"


async def test_subscriptions_are_bounded_for_a_person_over_all_connections(
    node: Node, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(address) as first, opened(address) as second:
        await first.sign_in()
        await second.sign_in()
        for number in range(limits.SUBSCRIPTIONS_PER_PERSON_MAX):
            socket = first if number % 2 else second
            await socket.subscribe(operation_id=str(number), variables={"after": f"{EPOCH}:1"})
        await _watched(node, times=limits.SUBSCRIPTIONS_PER_PERSON_MAX)
        async with opened(address) as third:
            await third.sign_in()
            await third.subscribe()
            codes = [error["extensions"]["code"] for error in _errors(await third.receive())]
            assert codes == ["too_many_subscriptions"]


async def test_a_mutation_over_the_socket_is_read_after(node: Node, address: str) -> None:
    async with opened(address) as socket:
        await socket.sign_in()
        await socket.subscribe('mutation { createPost(input: {body: "x"}) { errors { code } } }')
        assert (await socket.receive())["payload"]["data"] == {"createPost": {"errors": []}}
        assert (await socket.receive())["type"] == "complete"
        position = f"{EPOCH}:{node.feed.sequence}"
        await socket.subscribe("{ homeFeed(first: 1) { edges { cursor } } }", operation_id="2")
        await socket.receive()
        assert node.feed.calls[-1].metadata["samverka-after"] == position


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"query": "{"}, "graphql_syntax"),
        ({"query": "{ nonsense }"}, "graphql_invalid"),
        ({"query": 5}, "query_missing"),
        ({"query": "{ viewer { id } }", "variables": []}, "malformed_request"),
        ({"query": "{ viewer { id } }", "operationName": "Nobody"}, "unknown_operation"),
        ("text", "malformed_request"),
        (None, "malformed_request"),
        (
            {"query": "query($h: String) { person(handle: $h) { id } }", "variables": {"h": "\ud800"}},
            "control_characters",
        ),
    ],
)
async def test_an_operation_that_cannot_be_executed_has_a_code(address: str, payload: Any, code: str) -> None:
    async with opened(address) as socket:
        await socket.sign_in()
        await socket.send({"id": "1", "type": "subscribe", "payload": payload})
        assert [error["extensions"]["code"] for error in _errors(await socket.receive())] == [code]


@pytest.mark.parametrize(
    "message",
    ["{", "[]", "null", '"text"', '{"type": "nonsense"}', "{}", '{"type": "subscribe", "id": 5, "payload": {}}'],
)
async def test_what_is_not_the_protocol_ends_the_connection(address: str, message: str) -> None:
    async with opened(address) as socket:
        await socket.sign_in()
        await socket.send(message)
        assert (await socket.closed())[0] == 4400


async def test_who_subscribes_before_signing_in_is_shown_out(address: str) -> None:
    async with opened(address) as socket:
        await socket.subscribe()
        assert (await socket.closed())[0] == 4401


async def test_a_message_too_large_ends_the_connection(address: str) -> None:
    async with opened(address) as socket:
        await socket.sign_in()
        await socket.send(" " * (limits.BODY_BYTES_MAX + 1))
        assert (await socket.closed())[0] == 1009


async def _watched(node: Node, *, times: int) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while len(node.feed.named("WatchHomeFeed")) < times:
            await asyncio.sleep(0.001)


def _errors(message: Any) -> list[Any]:
    payload = message["payload"]
    errors: list[Any] = payload if isinstance(payload, list) else payload["errors"]
    return errors


async def test_the_network_comes_again_when_it_changes_also_after_its_stream_broke(node: Node, address: str) -> None:
    async with opened(address) as socket:
        await socket.sign_in()
        await socket.subscribe("subscription { networkUpdates { region peers { eventsBehind } } }")
        for told in (5, Unavailable("Restarting.", code="draining"), 0):
            node.network.changing.put_nowait(told)
        for behind in (5, 0):
            shown = (await socket.receive())["payload"]["data"]["networkUpdates"]
            assert shown == {"region": "stockholm", "peers": [{"eventsBehind": behind}, {"eventsBehind": None}]}
        assert len(node.network.named("WatchNetwork")) == 2
