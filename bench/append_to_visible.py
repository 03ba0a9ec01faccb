"""From a write to its being seen: how long a post takes to be acknowledged, and to reach a follower's subscription."""

from __future__ import annotations

import asyncio

import orjson

from bench.http_load import percentile, post, run_load
from bench.nodes import Node, token_of
from bench.report import Figure
from bench.watching import CREATE, create, frontend, watch
from services.chassis.clock import SystemClock

IN_FLIGHT = 16
WRITERS_MAX = 200


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
    async with watch(node.port, token) as watching, frontend(node.port, token) as client:
        await watching.warm_up(client)

        async def see() -> None:
            while len(seen_ms) < posts:
                body = await watching.next_body()
                if body in written:
                    seen_ms.append((clock.monotonic_seconds() - written[body]) * 1000)

        async def write(body: str) -> None:
            written[body] = clock.monotonic_seconds()
            await create(client, body)
            acknowledged_ms.append((clock.monotonic_seconds() - written[body]) * 1000)

        begun = node.cpu_seconds("gateway", "feed")
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(see())
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
