"""What it takes to read from a store: the time of one read at a time, and its CPU."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from bench.http_load import percentile
from bench.report import Figure
from services.chassis.clock import Clock
from services.chassis.store import Connection, Store


async def timed(
    name: str, store: Store, ask: Callable[[Connection], object], clock: Clock, *, times: int
) -> list[Figure]:
    """Return the median and the slowest hundredth of so many reads, and the CPU of each."""
    milliseconds = []
    busy = time.process_time()
    for _ in range(times):
        begun = clock.monotonic_seconds()
        await store.read(ask)
        milliseconds.append((clock.monotonic_seconds() - begun) * 1000)
    busy = time.process_time() - busy
    return [
        Figure(f"{name}: p50", statistics.median(milliseconds), "ms"),
        Figure(f"{name}: p99", percentile(milliseconds, 99), "ms"),
        Figure(f"{name}: CPU", busy * 1000 / times, "ms each"),
    ]
