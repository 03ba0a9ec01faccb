"""Work is shared by those who want it at once, and positions only ever grow within one life of the log."""

from __future__ import annotations

import asyncio

import pytest

from gateway.people import KnownPeople, Positions, Shared
from services.chassis.clock import ManualClock
from services.chassis.errors import Unavailable
from services.chassis.eventlog.port import Position


class Work:
    """Counts how often it is begun, and waits to be let go."""

    def __init__(self) -> None:
        self.begun = 0
        self.go = asyncio.Event()
        self.error: Exception | None = None

    async def __call__(self) -> int:
        self.begun += 1
        await self.go.wait()
        if self.error is not None:
            raise self.error
        return self.begun


async def until_begun(work: Work, times: int) -> None:
    async with asyncio.timeout(60):
        while work.begun < times:
            await asyncio.sleep(0)


async def test_those_who_want_the_same_share_one_piece_of_work() -> None:
    shared: Shared[str, int] = Shared()
    work = Work()
    waiting = [asyncio.create_task(shared.run("a", work)) for _ in range(5)]
    await until_begun(work, 1)
    work.go.set()
    assert await asyncio.gather(*waiting) == [1] * 5
    assert await shared.run("a", work) == 2


async def test_its_failure_is_shared_and_not_kept() -> None:
    shared: Shared[str, int] = Shared()
    work = Work()
    work.error = Unavailable("Not now.")
    waiting = [asyncio.create_task(shared.run("a", work)) for _ in range(3)]
    await until_begun(work, 1)
    work.go.set()
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert outcomes == [work.error] * 3
    work.error = None
    assert await shared.run("a", work) == 2


async def test_if_who_began_it_is_cancelled_another_begins_anew() -> None:
    shared: Shared[str, int] = Shared()
    work = Work()
    first = asyncio.create_task(shared.run("a", work))
    await until_begun(work, 1)
    second = asyncio.create_task(shared.run("a", work))
    first.cancel()
    await until_begun(work, 2)
    work.go.set()
    assert await second == 2
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_a_person_is_made_known_again_after_a_time_or_when_forgotten() -> None:
    clock = ManualClock()
    known = KnownPeople(clock=clock, people_max=10, kept_seconds=60)
    made: list[str] = []

    async def make_known() -> None:
        made.append("ann")

    await known.ensure("ann", make_known)
    await known.ensure("ann", make_known)
    assert len(made) == 1
    clock.advance(61)
    await known.ensure("ann", make_known)
    known.forget("ann")
    known.forget("nobody")
    await known.ensure("ann", make_known)
    assert len(made) == 3


def test_a_read_waits_for_the_later_of_what_is_remembered_and_told() -> None:
    positions = Positions(clock=ManualClock(), people_max=10, kept_seconds=60)
    assert positions.after("ann", None) is None
    assert positions.after("ann", Position("E1", 5)) == Position("E1", 5)
    positions.remember("ann", Position("E1", 7))
    positions.remember("ann", Position("E1", 6))
    assert positions.after("ann", Position("E1", 5)) == Position("E1", 7)
    assert positions.after("ann", Position("E1", 9)) == Position("E1", 9)


def test_a_new_life_of_the_log_replaces_the_old_one() -> None:
    clock = ManualClock()
    positions = Positions(clock=clock, people_max=10, kept_seconds=60)
    positions.remember("ann", Position("E1", 700))
    positions.remember("ann", Position("E2", 3))
    assert positions.after("ann", Position("E1", 900)) == Position("E2", 3)
    clock.advance(61)
    assert positions.after("ann", None) is None
