"""Virtual time: nothing is waited for, and everything happens when and in the order in which it is due."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from typing import Any

import pytest

from services.chassis.eventlog.memory import MemoryLog
from simulation.loop import Stuck, VirtualLoop


def run(work: Coroutine[Any, Any, Any], *, work_seconds: float = 0.01) -> Any:
    with asyncio.Runner(loop_factory=lambda: VirtualLoop(lambda: work_seconds)) as runner:
        return runner.run(work)


def test_a_day_passes_at_once() -> None:
    async def sleep_a_day() -> float:
        await asyncio.sleep(86_400)
        return asyncio.get_running_loop().time()

    started = time.monotonic()

    assert run(sleep_a_day()) == pytest.approx(86_400)
    assert time.monotonic() - started < 60


def test_what_is_due_first_comes_first() -> None:
    came: list[str] = []

    async def come(after_seconds: float, name: str) -> None:
        await asyncio.sleep(after_seconds)
        came.append(name)

    async def together() -> None:
        await asyncio.gather(come(3, "third"), come(1, "first"), come(2, "second"))

    run(together())

    assert came == ["first", "second", "third"]


def test_work_for_a_thread_has_its_result_a_moment_later() -> None:
    async def work() -> tuple[int, float]:
        return await asyncio.to_thread(lambda: 7), asyncio.get_running_loop().time()

    assert run(work(), work_seconds=0.5) == (7, pytest.approx(0.5))


def test_work_that_fails_raises_where_it_is_awaited() -> None:
    async def work() -> None:
        with pytest.raises(ValueError, match="no number"):
            await asyncio.to_thread(int, "no number")

    run(work())


def test_whoever_is_cancelled_before_the_result_does_not_learn_that_it_was_done() -> None:
    done: list[str] = []

    async def give_up() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await asyncio.to_thread(done.append, "done")

    run(give_up(), work_seconds=0.5)

    assert done == ["done"]


def test_a_wait_for_nothing_is_noticed() -> None:
    with pytest.raises(Stuck):
        run(anext(MemoryLog().follow(after=0)))
