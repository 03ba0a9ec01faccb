"""From a write to its being seen: how long a post takes to be acknowledged, and to reach a follower's subscription."""

from __future__ import annotations

import asyncio

import httpx
import orjson
import websockets

from bench.http_load import percentile, post, run_load
from bench.nodes import Node, token_of
from bench.report import Figure
from services.chassis.clock import SystemClock

CREATE = "mutation ($body: String!) { createPost(input: {body: $body}) { post { id } errors { code } } }"
WATCH = "subscription { homeFeedUpdates { node { body } } }"
IN_FLIGHT = 16
WRITERS_MAX = 200
_ANSWER_SECONDS_MAX = 30


async def measure(node: Node, *, people: int, posts: int, a_second: float) -> list[Figure]:
    """Write ``posts`` at an even rate and watch for them, then five times as many as fast as they are taken."""
    return [
        *await _measure_seen(node, posts=posts, a_second=a_second),
        *await _measure_load(node, writers=min(people, WRITERS_MAX), posts=5 * posts),
    ]


async def _measure_load(node: Node, *, writers: int, posts: int) -> list[Figure]:
    body = orjson.dumps({"query": CREATE, "variables": {"body": "Written as fast as it goes."}})
    asked = [post("/graphql", body, port=node.port, token=token_of(node.data, writer)) for writer in range(writers)]
    await run_load(node.port, asked, count=writers, in_flight=IN_FLIGHT)
    begun = node.cpu_seconds("gateway", "feed")
    load = await run_load(node.port, asked, count=posts, in_flight=IN_FLIGHT)
    used_ms = (node.cpu_seconds("gateway", "feed") - begun) / posts * 1000
    return [
        Figure(f"createPost, {IN_FLIGHT} in flight: posts", load.per_second, "posts/s"),
        Figure(f"createPost, {IN_FLIGHT} in flight: p50", load.p50_ms, "ms"),
        Figure(f"createPost, {IN_FLIGHT} in flight: p99", load.p99_ms, "ms"),
        Figure(f"createPost, {IN_FLIGHT} in flight: CPU of gateway and feed", used_ms, "ms/post"),
    ]


async def _measure_seen(node: Node, *, posts: int, a_second: float) -> list[Figure]:
    """Write as one person who watches their own home feed."""
    clock = SystemClock()
    written: dict[str, float] = {}
    seen_ms: list[float] = []
    acknowledged_ms: list[float] = []
    token = token_of(node.data, 0)
    url = f"ws://127.0.0.1:{node.port}/graphql"
    async with (
        websockets.connect(url, subprotocols=[websockets.Subprotocol("graphql-transport-ws")]) as socket,
        httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{node.port}", headers={"authorization": f"Bearer {token}"}, timeout=30
        ) as client,
    ):
        await socket.send(
            orjson.dumps({"type": "connection_init", "payload": {"authorization": f"Bearer {token}"}}).decode()
        )
        await _next_of(socket, "connection_ack")
        await socket.send(orjson.dumps({"id": "1", "type": "subscribe", "payload": {"query": WATCH}}).decode())
        await _warm_up(client, socket)

        async def watch() -> None:
            while len(seen_ms) < posts:
                message = await _next_of(socket, "next")
                body = message["payload"]["data"]["homeFeedUpdates"]["node"]["body"]  # type: ignore[index]
                if body in written:
                    seen_ms.append((clock.monotonic_seconds() - written[body]) * 1000)

        async def write(body: str) -> None:
            written[body] = clock.monotonic_seconds()
            await _create(client, body)
            acknowledged_ms.append((clock.monotonic_seconds() - written[body]) * 1000)

        begun = node.cpu_seconds("gateway", "feed")
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(watch())
            for number in range(posts):
                tasks.create_task(write(f"post {number}"))
                await asyncio.sleep(1 / a_second)
        used_ms = (node.cpu_seconds("gateway", "feed") - begun) / posts * 1000
    return [
        Figure("append to visible: p50", percentile(seen_ms, 50), "ms from the request to the subscription"),
        Figure("append to visible: p99", percentile(seen_ms, 99), f"ms at {a_second:g} posts/s"),
        Figure("createPost acknowledged: p50", percentile(acknowledged_ms, 50), "ms"),
        Figure("createPost acknowledged: p99", percentile(acknowledged_ms, 99), "ms"),
        Figure(
            f"createPost, {a_second:g} a second: CPU of gateway and feed",
            used_ms,
            "ms/post, idling and delivery included",
        ),
    ]


async def _warm_up(client: httpx.AsyncClient, socket: websockets.ClientConnection) -> None:
    """Write until one is seen: only then does the subscription stand."""
    number, seen = 0, False
    while not seen:
        await _create(client, f"warm up {number}")
        number += 1
        try:
            async with asyncio.timeout(0.5):
                await _next_of(socket, "next")
                seen = True
        except TimeoutError:
            continue


async def _create(client: httpx.AsyncClient, body: str) -> None:
    response = await client.post("/graphql", json={"query": CREATE, "variables": {"body": body}})
    answer = response.json()
    if "errors" in answer or answer["data"]["createPost"]["errors"]:
        raise RuntimeError(str(answer))


async def _next_of(socket: websockets.ClientConnection, kind: str) -> dict[str, object]:
    async with asyncio.timeout(_ANSWER_SECONDS_MAX):
        while True:
            message: dict[str, object] = orjson.loads(await socket.recv())
            if message["type"] == kind:
                return message
