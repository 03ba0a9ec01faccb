"""Catching up: events a second that the feed projection applies from a real log, from nothing, and what each part takes."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from collections.abc import AsyncGenerator, Awaitable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

from bench.report import Figure
from bench.workload import REGION
from services.chassis import limits
from services.chassis.clock import HybridClock, SystemClock
from services.chassis.envelope import open_event, payload_name
from services.chassis.eventlog.jetstream import JetStreamLog
from services.chassis.eventlog.port import Entry, EventLog, Expectation, Position
from services.chassis.projection import ProjectionRunner
from services.feed.projections import feed_projection

_SECONDS_MAX = 300.0


class _Recorded:
    """A log whose entries are in memory already: what is left is decoding and applying."""

    def __init__(self, entries: Sequence[Entry], *, epoch: str) -> None:
        self._entries = entries
        self.epoch = epoch

    async def append(self, entry_id: str, subject: str, data: bytes, *, expected: Expectation | None = None) -> int:
        raise NotImplementedError

    async def last_sequence(self, register: str = "") -> int:
        return self._entries[-1].sequence

    async def read(self, register: str, *, after: int = 0) -> Entry | None:
        return self._entries[-1] if self._entries[-1].sequence > after else None

    async def follow(self, *, after: int) -> AsyncGenerator[list[Entry], None]:
        for start in range(0, len(self._entries), limits.APPLY_EVENTS_MAX):
            yield list(self._entries[start : start + limits.APPLY_EVENTS_MAX])
        await asyncio.Event().wait()


@dataclass(frozen=True, slots=True)
class _Cost:
    """What something took: seconds on the clock, and of CPU in this process, all threads together."""

    seconds: float
    cpu_seconds: float


async def measure(log: JetStreamLog) -> list[Figure]:
    """Return the rates over the whole of ``log``; the log's server has a process of its own and is not in the CPU."""
    last = await log.last_sequence()
    replay = await _cost(_apply_all(log, last))
    entries: list[Entry] = []
    follow = await _cost(_read_all(log, last, into=entries))
    decode = await _cost(_decode_all(entries))
    apply = await _cost(_apply_all(_Recorded(entries, epoch=log.epoch), last))
    parts = [("followed", follow), ("decoded", decode), ("decoded and applied from memory", apply)]
    count = len(entries)
    return [
        Figure("replay: events in the log", count, "events"),
        Figure("replay: followed, decoded and applied", count / replay.seconds, "events/s, target 15,000"),
        Figure("replay: followed, decoded and applied: CPU", replay.cpu_seconds / count * 1e6, "µs/event"),
        *(Figure(f"replay: {name} alone", count / cost.seconds, "events/s") for name, cost in parts),
        *(Figure(f"replay: {name} alone: CPU", cost.cpu_seconds / count * 1e6, "µs/event") for name, cost in parts),
    ]


async def _cost(work: Awaitable[None]) -> _Cost:
    clock = SystemClock()
    begun, cpu_begun = clock.monotonic_seconds(), time.process_time()
    await work
    return _Cost(clock.monotonic_seconds() - begun, time.process_time() - cpu_begun)


async def _read_all(log: JetStreamLog, last: int, *, into: list[Entry]) -> None:
    async with aclosing(log.follow(after=0)) as batches:
        async for batch in batches:
            into += batch
            if into[-1].sequence >= last:
                return


async def _decode_all(entries: Sequence[Entry]) -> None:
    kinds = {kind.DESCRIPTOR.full_name: kind for kind in feed_projection().handlers}
    for entry in entries:
        event = open_event(entry.data)
        if event is not None and (kind := kinds.get(payload_name(event))):
            kind.FromString(event.payload.value)


async def _apply_all(log: EventLog, last: int) -> None:
    folder = Path(tempfile.mkdtemp(prefix="samverka-replay-"))
    runner = ProjectionRunner(
        projection=feed_projection(), region=REGION, log=log, data_dir=folder, hlc=HybridClock(SystemClock())
    )
    await runner.load()
    following = asyncio.create_task(runner.run())
    try:
        if not await runner.wait_applied(Position(log.epoch, last), timeout_seconds=_SECONDS_MAX):
            raise RuntimeError(f"only {runner.position} of {last} was applied in {_SECONDS_MAX} s")
    finally:
        following.cancel()
        await asyncio.wait([following])
        await runner.store.close()
        shutil.rmtree(folder)
