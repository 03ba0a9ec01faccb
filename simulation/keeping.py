"""The keeper of a region's log: purges it. Which sources the log has, the simulated network itself sees to."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from random import Random

from services.chassis.errors import Unavailable
from services.chassis.eventlog.keeping import Source
from services.chassis.eventlog.memory import MemoryLog

_DELAY_SECONDS_MAX = 0.5
_NOT_REACHED = 0.1
_ANSWER_LOST = 0.1


class LogKeeper:
    """Slow, and now and then refused or unanswered."""

    def __init__(self, log: MemoryLog, chance: Random) -> None:
        self._log = log
        self._chance = chance

    async def keep(self, peers: Collection[str]) -> bool:
        return False

    async def look(self) -> dict[str, Source]:
        return {}

    async def kick(self, peer: str) -> None:
        """Do nothing: a line that is healed goes on."""

    async def last_sequence_of(self, peer: str) -> int | None:
        return None

    async def purge(self, register: str) -> int:
        await asyncio.sleep(self._chance.random() * _DELAY_SECONDS_MAX)
        if self._chance.random() < _NOT_REACHED:
            raise Unavailable("The log was not reached.")
        purged = self._log.purge(register)
        if self._chance.random() < _ANSWER_LOST:
            raise Unavailable("The log did not answer.")
        return purged
