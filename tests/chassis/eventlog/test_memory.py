"""The log in memory, where no server stands behind it: it forgets everything with its process."""

from __future__ import annotations

import pytest

from services.chassis.eventlog.memory import MemoryLog
from services.chassis.eventlog.port import Expectation, Moved, Source
from services.chassis.eventlog.subjects import register_of
from tests.support.logs import collect, fill, subject

EVERYTHING_OF_ANNA = "ev.stockholm.*.*.anna"


async def test_each_life_of_it_is_a_log_of_its_own() -> None:
    first, second = MemoryLog("first"), MemoryLog("second")
    await first.append("id-1", subject("stockholm"), b"")

    assert (first.epoch, await first.last_sequence()) == ("first", 1)
    assert (second.epoch, await second.last_sequence()) == ("second", 0)


async def test_a_purge_takes_a_register_out_and_its_sequences_are_not_used_again() -> None:
    log = MemoryLog()
    await fill(log, "stockholm", 3)
    await fill(log, "stockholm", 1, owner="bengt")
    await log.append("anna-4", subject("stockholm", reach="local", service="profile"), b"")

    assert log.purge(EVERYTHING_OF_ANNA) == 4
    assert log.purge(EVERYTHING_OF_ANNA) == 0

    assert [entry.sequence for entry in await collect(log, 1)] == [4]
    assert await log.last_sequence() == 4
    assert await log.append("bengt-2", subject("stockholm", "bengt"), b"") == 6
    assert [entry.sequence for entry in await collect(log, 1, after=4)] == [6]


async def test_after_a_purge_a_register_is_empty_and_what_came_is_not_taken_again() -> None:
    log, register = MemoryLog(), register_of("tokyo", "feed", "anna")
    source = Source("EV_TOKYO", 7)
    await log.receive("tokyo-1", subject("tokyo"), b"", source=source)
    log.purge("ev.tokyo.*.*.anna")

    assert await log.receive("tokyo-1", subject("tokyo"), b"", source=source) == 1
    assert await log.last_sequence(register) == await log.last_sequence() == 0
    assert await log.read(register) is None
    with pytest.raises(Moved):
        await log.append("tokyo-2", subject("tokyo"), b"", expected=Expectation(register, 1))
    assert await log.append("tokyo-2", subject("tokyo"), b"", expected=Expectation(register, 0)) == 2
