"""Who waits for a position is told when it is applied, or that it takes too long."""

from __future__ import annotations

import asyncio

from services.chassis.eventlog.port import Position
from tests.support.tally import (
    Replica,
    Writer,
)


async def test_a_wait_ends_when_the_position_is_applied(writer: Writer, replica: Replica) -> None:
    waits = [
        asyncio.create_task(replica.runner.wait_applied(Position("memory", n), timeout_seconds=60)) for n in (3, 1, 2)
    ]
    await asyncio.sleep(0)
    for number in range(1, 3):
        await replica.caught_up(await writer.write(f"text {number}"))
    await asyncio.gather(waits[1], waits[2])
    assert not waits[0].done()

    await writer.write("text 3")
    assert await waits[0]
    assert await replica.runner.wait_applied(Position("memory", 3), timeout_seconds=0)
    assert (await replica.applied())[-1] == (3, "text 3")


async def test_a_wait_that_takes_too_long_says_so(replica: Replica) -> None:
    assert not await replica.runner.wait_applied(Position("memory", 1), timeout_seconds=0.01)
    assert not await replica.runner.wait_applied(Position("memory", 2**63), timeout_seconds=0)


async def test_a_position_of_another_life_is_never_waited_for(replica: Replica) -> None:
    begin = asyncio.get_running_loop().time()

    assert not await replica.runner.wait_applied(Position("restored", 0), timeout_seconds=60)
    assert asyncio.get_running_loop().time() - begin < 30


async def test_those_who_wait_no_longer_are_forgotten(writer: Writer, replica: Replica) -> None:
    runner = replica.runner
    waits = [
        asyncio.create_task(runner.wait_applied(Position("memory", 10**9 + n % 7), timeout_seconds=60))
        for n in range(50)
    ]
    late = asyncio.create_task(runner.wait_applied(Position("memory", 10**9 + 3), timeout_seconds=0.05))
    near = asyncio.create_task(runner.wait_applied(Position("memory", 1), timeout_seconds=60))
    await asyncio.sleep(0)
    assert len(runner._waiting) == 52
    for wait in waits[::2] + waits[1::2]:
        wait.cancel()
    assert not await late
    await asyncio.gather(*waits, return_exceptions=True)
    assert len(runner._waiting) == 1

    await writer.write("text")
    assert await near
    assert len(runner._waiting) == 0
