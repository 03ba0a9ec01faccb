"""Many seeds, in several processes, within a bounded time."""

from __future__ import annotations

import gc
import logging
import multiprocessing
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from dataclasses import dataclass
from itertools import islice

from services.chassis.clock import Clock
from simulation.network import Verdict, simulate

_SEEDS_BETWEEN_COLLECTIONS = 50
_SEEDS_QUEUED_PER_PROCESS = 4
FAILURES_MAX = 5
"""After so many failing seeds no more are begun."""


@dataclass(slots=True)
class Tally:
    """What many seeds came to."""

    seeds: int = 0
    events: int = 0
    applied: int = 0
    failed: int = 0

    def count(self, verdict: Verdict) -> None:
        self.seeds += 1
        self.events += verdict.events
        self.applied += verdict.applied
        self.failed += bool(verdict.failure)


def run_seeds(seeds: Iterable[int], *, processes: int, seconds_max: float, clock: Clock) -> Iterator[Verdict]:
    """Yield a verdict for each seed as they come, until the time is over or too much has failed."""
    deadline, failed = clock.monotonic_seconds() + seconds_max, 0
    left = iter(seeds)
    # Spawned, not forked: what a fork inherits (threads, open files) is no part of a seed.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context, initializer=_prepare) as pool:
        running = {pool.submit(_simulate, seed) for seed in islice(left, processes * _SEEDS_QUEUED_PER_PROCESS)}
        while running:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                failed += bool(future.result().failure)
                yield future.result()
            if failed < FAILURES_MAX and clock.monotonic_seconds() < deadline:
                running |= {pool.submit(_simulate, seed) for seed in islice(left, len(done))}


def _prepare() -> None:
    """Say nothing of what the services log, and leave what is loaded now out of garbage collections."""
    logging.disable(logging.CRITICAL)
    gc.collect()
    gc.freeze()
    gc.disable()


def _simulate(seed: int) -> Verdict:
    if seed % _SEEDS_BETWEEN_COLLECTIONS == 0:
        gc.collect()
    return simulate(seed)
