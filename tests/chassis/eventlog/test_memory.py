"""The log in memory, where no server stands behind it: it forgets everything with its process."""

from __future__ import annotations

from services.chassis.eventlog.memory import MemoryLog
from tests.support.logs import subject


async def test_each_life_of_it_is_a_log_of_its_own() -> None:
    first, second = MemoryLog("first"), MemoryLog("second")
    await first.append("id-1", subject("stockholm"), b"")

    assert (first.epoch, await first.last_sequence()) == ("first", 1)
    assert (second.epoch, await second.last_sequence()) == ("second", 0)
