"""What a command asks of the log: a register's last sequence, and an append on condition that it has not moved."""

from __future__ import annotations

import random
import statistics
from collections.abc import Awaitable, Callable

from bench.report import Figure
from bench.workload import REGION, person_id
from services.chassis.clock import SystemClock
from services.chassis.eventlog.jetstream import JetStreamLog
from services.chassis.eventlog.port import Expectation
from services.chassis.eventlog.subjects import Subject, register_of

_TIMES = 300


async def measure(log: JetStreamLog, *, issuer: str, people: int) -> list[Figure]:
    """Return medians in milliseconds, one question at a time."""
    chance = random.Random(7)
    owners = [person_id(issuer, chance.randrange(people)) for _ in range(_TIMES)]
    numbers = iter(range(_TIMES))

    async def ask_owner(owner: str) -> None:
        await log.last_sequence(register_of(REGION, "feed", owner))

    async def ask_directory(_: str) -> None:
        await log.last_sequence(register_of(REGION, "directory"))

    async def append(owner: str) -> None:
        register = register_of(REGION, "feed", owner)
        expected = Expectation(register, await log.last_sequence(register))
        subject = str(Subject(REGION, "pub", "feed", owner))
        await log.append(f"{REGION}_asking-{next(numbers)}", subject, b"no event", expected=expected)

    return [
        Figure("last sequence of a person's register", await _median_ms(ask_owner, owners), "ms"),
        Figure("last sequence of the directory", await _median_ms(ask_directory, owners), "ms"),
        Figure("last sequence and conditional append, synced", await _median_ms(append, owners), "ms"),
    ]


async def _median_ms(ask: Callable[[str], Awaitable[None]], owners: list[str]) -> float:
    clock = SystemClock()
    milliseconds = []
    for owner in owners:
        begun = clock.monotonic_seconds()
        await ask(owner)
        milliseconds.append((clock.monotonic_seconds() - begun) * 1000)
    return statistics.median(milliseconds)
