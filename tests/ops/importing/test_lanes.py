"""Jobs of one key keep their order, jobs of different keys run side by side, and both within bounds."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest

from ops.importing.lanes import Lanes


async def test_jobs_of_one_key_run_one_after_another_in_order() -> None:
    done: list[tuple[str, int]] = []
    under_way: set[str] = set()

    async def job(key: str, number: int) -> None:
        assert key not in under_way
        under_way.add(key)
        await asyncio.sleep(0)
        under_way.remove(key)
        done.append((key, number))

    async with Lanes(width=3, waiting_max=8) as lanes:
        for number in range(50):
            await lanes.submit(f"key {number % 4}", partial(job, f"key {number % 4}", number))
    assert len(done) == 50
    for key in {key for key, _ in done}:
        numbers = [number for other, number in done if other == key]
        assert numbers == sorted(numbers)


async def test_at_most_width_jobs_run_at_once_and_that_many_do() -> None:
    running, running_max = 0, 0

    async def job() -> None:
        nonlocal running, running_max
        running += 1
        running_max = max(running_max, running)
        await asyncio.sleep(0)
        running -= 1

    async with Lanes(width=3, waiting_max=20) as lanes:
        for number in range(20):
            await lanes.submit(str(number), job)
    assert running_max == 3


async def test_submit_waits_while_there_is_no_room() -> None:
    gate = asyncio.Event()

    async def job() -> None:
        await gate.wait()

    async with Lanes(width=1, waiting_max=2) as lanes:
        await lanes.submit("a", job)
        await lanes.submit("a", job)
        third = asyncio.create_task(lanes.submit("b", job))
        for _ in range(10):
            await asyncio.sleep(0)
        assert not third.done()
        gate.set()
        await asyncio.wait_for(third, 60)


async def test_the_first_job_that_raises_ends_the_block_and_cancels_the_others() -> None:
    cancelled = asyncio.Event()

    async def waits() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    async def fails() -> None:
        await asyncio.sleep(0)
        raise ValueError("no")

    async def block() -> None:
        async with Lanes(width=2, waiting_max=2) as lanes:
            for key, job in (("a", waits), ("b", fails), ("c", waits)):
                await lanes.submit(key, job)

    with pytest.raises(ExceptionGroup) as caught:
        await block()
    assert [str(error) for error in caught.value.exceptions] == ["no"]
    assert cancelled.is_set()
