"""Every root field is measured, by names that the schema knows and codes that are documented."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from websockets.asyncio.client import connect

from gateway.schema import make_schema
from services.chassis.errors import Forbidden, Unavailable
from tests.gateway.fakes.node import Node
from tests.gateway.running import run_server
from tests.support.metrics import value

FEED = {"query": "{ mine: homeFeed(first: 2) { edges { cursor } } }"}
CREATE = {"query": 'mutation { createPost(input: {body: "x"}) { errors { code } } }'}
UPDATES = "subscription { homeFeedUpdates { cursor } }"
DURATION = "samverka_gateway_field_duration_seconds_count"
ERRORS = "samverka_gateway_field_errors_total"


async def metrics(node: Node) -> str:
    return (await node.client.get("/metrics")).text


async def test_a_field_is_counted_under_its_name_whatever_the_client_calls_it(node: Node) -> None:
    await node.post(FEED)
    await node.post({"query": "{ viewer { handle } homeFeed { edges { cursor } } }"})
    text = await metrics(node)
    assert value(text, DURATION, field="homeFeed", outcome="ok") == 2
    assert value(text, DURATION, field="viewer", outcome="ok") == 1
    assert "mine" not in text


async def test_an_error_is_counted_with_its_code(node: Node) -> None:
    node.feed.errors["ListHomeFeed"] = Unavailable("Not now.")
    await node.post(FEED)
    text = await metrics(node)
    assert value(text, DURATION, field="homeFeed", outcome="error") == 1
    assert value(text, ERRORS, field="homeFeed", code="unavailable") == 1


async def test_what_nobody_foresaw_is_counted_as_internal(node: Node) -> None:
    node.feed.errors["ListHomeFeed"] = RuntimeError("secret")
    await node.post(FEED)
    assert value(await metrics(node), ERRORS, field="homeFeed", code="internal") == 1


async def test_a_mutation_that_tells_its_error_in_its_payload_has_failed(node: Node) -> None:
    node.feed.errors["PublishPost"] = Forbidden("Not there.", code="not_member")
    await node.post(CREATE)
    text = await metrics(node)
    assert value(text, DURATION, field="createPost", outcome="error") == 1
    assert value(text, ERRORS, field="createPost", code="not_member") == 1


@pytest.mark.timeout(180)
async def test_what_a_subscription_is_sent_is_counted_and_the_error_that_ends_it(node: Node) -> None:
    async with (
        run_server(node.app) as port,
        connect(f"ws://127.0.0.1:{port}/graphql", subprotocols=["graphql-transport-ws"]) as socket,  # type: ignore[list-item]
    ):
        await socket.send(json.dumps({"type": "connection_init", "payload": {"authorization": "Bearer token-of-ann"}}))
        assert json.loads(await socket.recv())["type"] == "connection_ack"
        await socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": {"query": UPDATES}}))
        for told in (2, 3, Forbidden("No more.", code="forbidden")):
            node.feed.arriving.put_nowait(told)
        async with asyncio.timeout(60):
            kinds = [json.loads(await socket.recv())["type"] for _ in range(4)]
        assert kinds == ["next", "next", "next", "complete"]
        text = await metrics(node)
    assert value(text, "samverka_gateway_updates_total", field="homeFeedUpdates") == 2
    assert value(text, ERRORS, field="homeFeedUpdates", code="forbidden") == 1


def test_every_root_field_is_measured() -> None:
    schema = make_schema()._schema
    roots: list[Any] = [schema.query_type, schema.mutation_type, schema.subscription_type]
    for name, field in ((name, field) for root in roots for name, field in root.fields.items()):
        resolver = field.extensions["strawberry-definition"].base_resolver
        assert resolver.wrapped_func.__code__.co_filename.endswith("gateway/schema/measuring.py"), name
