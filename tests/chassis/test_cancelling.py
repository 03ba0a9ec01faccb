"""A task that a library kept from ending ends."""

from __future__ import annotations

import asyncio

import pytest

from services.chassis.cancelling import heed_cancellation


async def test_a_cancellation_that_was_swallowed_ends_the_task_at_the_next_look() -> None:
    swallowed = asyncio.Event()

    async def library_call() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            swallowed.set()  # as wait_for does when its future is done at that moment

    async def loop() -> None:
        while True:
            await library_call()
            heed_cancellation()

    task = asyncio.create_task(loop())
    await asyncio.sleep(0)
    task.cancel()

    async with asyncio.timeout(60):
        with pytest.raises(asyncio.CancelledError):
            await task
    assert swallowed.is_set()


async def test_a_task_that_was_not_cancelled_goes_on() -> None:
    heed_cancellation()

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await asyncio.sleep(10)
    heed_cancellation()  # a timeout takes its cancellation back
