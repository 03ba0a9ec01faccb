"""From one region to another: a post by GraphQL mutation here, until a follower's GraphQL subscription there has it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack

import httpx

from bench.http_load import percentile
from bench.nodes import Node, token_of
from bench.report import Figure
from bench.watching import Watch, ask, create, frontend, watch
from services.chassis.clock import SystemClock

REGIONS = ("stockholm", "tokyo")
A_SECOND = 50
WRITERS = 5
"""One person's commands queue, and each may ask only so often; fifty posts a second are several people's."""
_ARRIVES_SECONDS_MAX = 60
_FOLLOW = "mutation ($id: ID!) { followPerson(input: {personId: $id}) { person { id } errors { code } } }"
_VIEWER = "{ viewer { id } }"


async def measure(node: Node, *, posts: int) -> list[Figure]:
    """Write ``posts`` in one region at an even rate, and watch in the other."""
    here, there = (node.port_of(region) for region in REGIONS)
    reader_token = token_of(node.data, 0, region=REGIONS[1])
    async with AsyncExitStack() as stack:
        writers = [
            await stack.enter_async_context(frontend(here, token_of(node.data, number, region=REGIONS[0])))
            for number in range(WRITERS)
        ]
        reader = await stack.enter_async_context(frontend(there, reader_token))
        for writer in writers:
            await _follow(reader, (await ask(writer, _VIEWER))["viewer"]["id"])
        watching = await stack.enter_async_context(watch(there, reader_token))
        await watching.warm_up(writers[0])
        acknowledged_ms, received_ms = await _measure(writers, watching, posts)
    return [
        Figure(
            "across regions: p50", percentile(received_ms, 50), "ms from the request here to the subscription there"
        ),
        Figure("across regions: p99", percentile(received_ms, 99), f"ms at {A_SECOND} posts/s"),
        Figure("across regions, acknowledged here: p50", percentile(acknowledged_ms, 50), "ms"),
        Figure("across regions, acknowledged here: p99", percentile(acknowledged_ms, 99), "ms"),
    ]


async def _measure(
    writers: Sequence[httpx.AsyncClient], watching: Watch, posts: int
) -> tuple[list[float], list[float]]:
    """Return how long each post took until it was acknowledged, and until it was received, in milliseconds."""
    clock = SystemClock()
    written: dict[str, float] = {}
    acknowledged_ms: list[float] = []
    received_ms: list[float] = []

    async def receive() -> None:
        while len(received_ms) < posts:
            body = await watching.next_body()
            if body in written:
                received_ms.append((clock.monotonic_seconds() - written[body]) * 1000)

    async def write(number: int) -> None:
        body = f"post {number}"
        written[body] = clock.monotonic_seconds()
        await create(writers[number % len(writers)], body)
        acknowledged_ms.append((clock.monotonic_seconds() - written[body]) * 1000)

    loop = asyncio.get_running_loop()
    begun = loop.time()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(receive())
        for number in range(posts):
            await asyncio.sleep(begun + number / A_SECOND - loop.time())  # an even rate, whatever a turn takes
            tasks.create_task(write(number))
    return acknowledged_ms, received_ms


async def _follow(reader: httpx.AsyncClient, person: str) -> None:
    """Follow somebody, once the region knows them."""
    async with asyncio.timeout(_ARRIVES_SECONDS_MAX):
        while True:
            try:
                await ask(reader, _FOLLOW, id=person)
                return
            except RuntimeError:  # they have not arrived yet
                await asyncio.sleep(0.1)
