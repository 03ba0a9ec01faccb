"""Logs of both kinds for tests, and readers of what a log's followers are given."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing, asynccontextmanager

from services.chassis.eventlog.jetstream import JetStreamLog, open_log
from services.chassis.eventlog.memory import MemoryLog
from services.chassis.eventlog.port import Entry, EventLog, Source
from services.chassis.eventlog.subjects import Reach, Subject, stream_name

WAIT_SECONDS_MAX = 60.0
LOOK_SECONDS = 0.01
EPOCH = "epoch-1"
_APPENDS_AT_ONCE = 64
_regions = itertools.count(1)


def new_region() -> str:
    """Return a region that no other test of this process uses."""
    return f"r{next(_regions)}"


async def put(log: MemoryLog, region: str, entry_id: str, subject: str, data: bytes) -> int:
    """Bring an entry into ``region``'s log the way it would come: its own appended, a peer's from that peer's stream."""
    origin = subject.split(".")[1]
    if origin == region:
        return await log.append(entry_id, subject, data)
    source = Source(stream_name(origin), await log.last_sequence() + 1)
    return await log.receive(entry_id, subject, data, source=source)


@asynccontextmanager
async def opened(url: str, region: str, *, epoch: str = EPOCH) -> AsyncIterator[JetStreamLog]:
    """Open the region's log on JetStream, and close it."""
    log = await open_log(url=url, region=region, new_epoch=epoch)
    try:
        yield log
    finally:
        await log.close()


def subject(region: str, owner: str = "anna", *, reach: Reach = "pub", service: str = "feed") -> str:
    return str(Subject(region, reach, service, owner))


async def fill(log: EventLog, region: str, entries: int, *, owner: str = "anna") -> None:
    """Append ``entries`` entries whose ids and data count from 1."""
    for start in range(0, entries, _APPENDS_AT_ONCE):
        numbers = range(start + 1, min(start + _APPENDS_AT_ONCE, entries) + 1)
        await asyncio.gather(*(log.append(f"{owner}-{n}", subject(region, owner), b"%d" % n) for n in numbers))


async def collect(log: EventLog, count: int, *, after: int = 0) -> list[Entry]:
    """Return the next ``count`` entries that a new follower is given."""
    return list(itertools.chain.from_iterable(await collect_batches(log, count, after=after)))


async def collect_batches(log: EventLog, count: int, *, after: int = 0) -> list[list[Entry]]:
    batches: list[list[Entry]] = []
    async with asyncio.timeout(WAIT_SECONDS_MAX), aclosing(log.follow(after=after)) as following:
        async for batch in following:
            batches.append(batch)
            if sum(map(len, batches)) >= count:
                break
    return batches


class Follower:
    """Somebody who follows a log all the time, and keeps what they are given."""

    def __init__(self, log: EventLog, *, after: int = 0) -> None:
        self.entries: list[Entry] = []
        self._log = log
        self._after = after
        self._task: asyncio.Task[None] | None = None

    @property
    def sequences(self) -> list[int]:
        return [entry.sequence for entry in self.entries]

    @asynccontextmanager
    async def following(self) -> AsyncIterator[Follower]:
        self._task = task = asyncio.create_task(self._follow())
        try:
            yield self
        finally:
            task.cancel()
            await asyncio.wait((task,))

    async def ended(self) -> None:
        """Wait until following ends by itself, and raise what it ended in."""
        assert self._task is not None
        await asyncio.wait_for(asyncio.shield(self._task), WAIT_SECONDS_MAX)

    async def wait_for(self, count: int, *, seconds: float = WAIT_SECONDS_MAX) -> None:
        await wait_until(lambda: len(self.entries) >= count, seconds=seconds)

    async def _follow(self) -> None:
        async with aclosing(self._log.follow(after=self._after)) as batches:
            async for batch in batches:
                self.entries += batch


async def wait_until(condition: Callable[[], bool], *, seconds: float = WAIT_SECONDS_MAX) -> None:
    """Wait until ``condition`` holds; fails after ``seconds``."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(LOOK_SECONDS)


async def eventually(condition: Callable[[], Awaitable[bool]], *, seconds: float = WAIT_SECONDS_MAX) -> None:
    """Wait until ``condition``, which asks somebody, holds; fails after ``seconds``."""
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(LOOK_SECONDS)


def ids_of(entries: Sequence[Entry]) -> list[str]:
    return [entry.message_id for entry in entries]
