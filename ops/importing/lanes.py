"""Bounded concurrency that keeps order where it counts: jobs of one key run one after another, others beside them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from types import TracebackType

Job = Callable[[], Awaitable[None]]


class Lanes:
    """Runs at most ``width`` jobs at once and accepts at most ``waiting_max`` that are not done.

    Leaving the ``async with`` block waits for all of them. The first job that raises cancels the others, and the error
    comes out of the block in an ExceptionGroup.
    """

    def __init__(self, *, width: int, waiting_max: int) -> None:
        self._running = asyncio.Semaphore(width)
        self._room = asyncio.Semaphore(waiting_max)
        self._waiting: dict[str, deque[Job]] = {}
        self._group = asyncio.TaskGroup()

    async def __aenter__(self) -> Lanes:
        await self._group.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._group.__aexit__(kind, error, trace)

    async def submit(self, key: str, job: Job) -> None:
        """Queue ``job`` behind the others of ``key``; waits while there is no room."""
        await self._room.acquire()
        if key in self._waiting:
            self._waiting[key].append(job)
            return
        self._waiting[key] = deque([job])
        self._group.create_task(self._drain(key))

    async def _drain(self, key: str) -> None:
        jobs = self._waiting[key]
        while jobs:
            async with self._running:
                await jobs.popleft()()
            self._room.release()
        del self._waiting[key]  # no await since the last look: nothing can have been queued in between
