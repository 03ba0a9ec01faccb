"""After a cut: events a second of a peer's backlog that reach the log and the feed, beside what the disk can sync.

A log syncs each entry to the disk before the next, so it takes a backlog in no faster than the disk syncs; the floor is
as many writes of an entry's size to a file of the same disk.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

from bench.nodes import Node, fill
from bench.report import Figure
from bench.workload import Size, events
from ops import control
from ops.node_client import node_stub
from samverka.node.v1 import node_service_pb2
from services.chassis.clock import SystemClock
from services.chassis.eventlog.keeping import StreamKeeper
from services.chassis.eventlog.subjects import stream_name

REGIONS = ("stockholm", "tokyo")
_SECONDS_MAX = 600.0
_LOOK_SECONDS = 0.05
_SYNCED_WRITES = 2_000
_ENTRY_BYTES = 400


async def measure(node: Node, *, issuer: str, size: Size) -> list[Figure]:
    """Cut the link, write a company's history in one region, heal, and watch it come in the other."""
    clock = SystemClock()
    floor = await asyncio.to_thread(_synced_writes_a_second, node.data.root / "synced")
    await control.ask(node.data, "cut", REGIONS)
    async with node.log_client(REGIONS[0]) as client:
        count = await fill(client, events(size, issuer=issuer))
        last = (await client.jetstream().stream_info(stream_name(REGIONS[0]))).state.last_seq
    async with node.log_client(REGIONS[1]) as client:
        keeper = StreamKeeper(client=client, region=REGIONS[1], entropy=os.urandom)
        await control.ask(node.data, "heal", REGIONS)
        healed = clock.monotonic_seconds()
        await _wait(lambda: _held(keeper), at_least=1 + last - count)
        first = clock.monotonic_seconds()
        await _wait(lambda: _held(keeper), at_least=last)
        held = clock.monotonic_seconds()
    await _wait(lambda: _applied(node), at_least=last)
    applied = clock.monotonic_seconds()
    return [
        Figure("catch up: backlog", count, "events"),
        Figure("catch up: first after the heal", first - healed, "s"),
        Figure("catch up: in the log", count / (held - first), "events/s once they flow"),
        Figure("catch up: in the feed", count / (applied - first), "events/s once they flow"),
        Figure("catch up: floor", floor, "synced writes/s of the disk, one after the other"),
    ]


async def _wait(look: Callable[[], Awaitable[int]], *, at_least: int) -> None:
    async with asyncio.timeout(_SECONDS_MAX):
        while await look() < at_least:  # noqa: ASYNC110 - another process
            await asyncio.sleep(_LOOK_SECONDS)


async def _held(keeper: StreamKeeper) -> int:
    sources = await keeper.look()
    return sources[REGIONS[0]].sequence if REGIONS[0] in sources else 0  # a source that is started anew is made again


async def _applied(node: Node) -> int:
    async with node_stub(node.address_of(REGIONS[1], "feed", "admin")) as stub:
        answer = await stub.GetProjection(node_service_pb2.GetProjectionRequest())
    return next((of.sequence for of in answer.origins if of.origin == REGIONS[0]), 0)


def _synced_writes_a_second(file: Path) -> float:
    clock = SystemClock()
    descriptor = os.open(file, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    try:
        begun = clock.monotonic_seconds()
        for _ in range(_SYNCED_WRITES):
            os.write(descriptor, bytes(_ENTRY_BYTES))
            os.fsync(descriptor)
        return _SYNCED_WRITES / (clock.monotonic_seconds() - begun)
    finally:
        os.close(descriptor)
        file.unlink()
