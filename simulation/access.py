"""A service's access to its region's log: slow, now and then refused, unanswered, or repeating itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from random import Random

from services.chassis.errors import Unavailable
from services.chassis.eventlog.memory import MemoryLog
from services.chassis.eventlog.port import Entry, Expectation

_DELAY_SECONDS_MAX = 0.02
_BEHIND_SECONDS_MAX = 1.5
"""What arrives meanwhile comes as one batch."""
_CUT_SHORT = 0.3
_STUCK = 0.05
_STUCK_SECONDS_MAX = 1.5
"""What was decided comes into the log much later, and finds that it has changed."""
_NOT_REACHED = 0.02
_ANSWER_LOST = 0.04
_REPEATED = 0.1
_REPEATED_ENTRIES_MAX = 7


class ShakyAccess:
    """The log as one process reaches it; what it promises is the port's, and what it repeats is a killed server's."""

    def __init__(self, log: MemoryLog, chance: Random) -> None:
        self._log = log
        self._chance = chance

    @property
    def epoch(self) -> str:
        return self._log.epoch

    async def append(self, entry_id: str, subject: str, data: bytes, *, expected: Expectation | None = None) -> int:
        await self._delay()
        if self._chance.random() < _STUCK:
            await asyncio.sleep(self._chance.random() * _STUCK_SECONDS_MAX)
        if self._chance.random() < _NOT_REACHED:
            raise Unavailable("The log was not reached.")
        sequence = await self._log.append(entry_id, subject, data, expected=expected)
        await self._delay()
        if self._chance.random() < _ANSWER_LOST:
            raise Unavailable("The log did not answer.")
        return sequence

    async def last_sequence(self, register: str = "") -> int:
        await self._delay()
        return await self._log.last_sequence(register)

    async def read(self, register: str, *, after: int = 0) -> Entry | None:
        await self._delay()
        return await self._log.read(register, after=after)

    async def follow(self, *, after: int) -> AsyncGenerator[list[Entry], None]:
        """Yield batches of any size, now and then with the end of the last one before them."""
        seen: list[Entry] = []
        async with aclosing(self._log.follow(after=after)) as batches:
            async for batch in batches:
                while batch:
                    await asyncio.sleep(self._chance.random() ** 2 * _BEHIND_SECONDS_MAX)
                    size = self._chance.randint(1, len(batch)) if self._chance.random() < _CUT_SHORT else len(batch)
                    part, batch = batch[:size], batch[size:]
                    again = seen if self._chance.random() < _REPEATED else []
                    yield [*again, *part]
                    seen = part[-_REPEATED_ENTRIES_MAX:]

    async def _delay(self) -> None:
        if self._chance.random() < 0.5:
            await asyncio.sleep(self._chance.random() ** 2 * _DELAY_SECONDS_MAX)
