"""Those who wait until a position of the log is applied, in the order of what they wait for."""

from __future__ import annotations

import asyncio
import bisect
import itertools


class Waiting:
    """The waits of one projection."""

    def __init__(self) -> None:
        self._waits: list[tuple[int, int, asyncio.Future[None]]] = []
        self._turn = itertools.count()

    def __len__(self) -> int:
        return len(self._waits)

    async def wait(self, sequence: int, *, timeout_seconds: float) -> bool:
        """Wait until ``sequence`` is reached; False if it is not in time."""
        reached: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiter = (sequence, next(self._turn), reached)
        bisect.insort(self._waits, waiter)
        try:
            async with asyncio.timeout(timeout_seconds):
                await reached
        except TimeoutError:
            return False
        finally:
            self._waits.pop(bisect.bisect_left(self._waits, waiter))
        return True

    def reach(self, sequence: int) -> None:
        """Wake those who wait for ``sequence`` or less."""
        for wanted, _, reached in self._waits:
            if wanted > sequence:
                break
            if not reached.done():
                reached.set_result(None)
