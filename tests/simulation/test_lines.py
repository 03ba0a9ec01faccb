"""A line between two regions: everything public, once, in its order; nothing while it is cut."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from random import Random
from typing import Any

from services.chassis.eventlog.memory import MemoryLog
from services.chassis.eventlog.port import Source
from simulation.lines import FORGED, Line
from simulation.loop import VirtualLoop
from tests.support.logs import collect, fill, ids_of, subject

ENTRIES = 100
LONG_SECONDS = 10_000.0


def run(work: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=lambda: VirtualLoop(lambda: 0.0)) as runner:
        runner.run(work)


@asynccontextmanager
async def carrying(origin: MemoryLog, receiver: MemoryLog, *, lies: bool = False) -> AsyncIterator[Line]:
    line = Line(origin="tokyo", source=origin, receiver=receiver, chance=Random(1), lies=lies)
    task = asyncio.create_task(line.run())
    yield line
    task.cancel()
    await asyncio.wait((task,))


def test_all_entries_arrive_once_and_in_order_with_their_source() -> None:
    async def carry() -> None:
        origin, receiver = MemoryLog(), MemoryLog()
        await fill(origin, "tokyo", ENTRIES)
        async with carrying(origin, receiver):
            await asyncio.sleep(LONG_SECONDS)
        sent, got = await collect(origin, ENTRIES), await collect(receiver, ENTRIES)

        assert await receiver.last_sequence() == ENTRIES
        assert ids_of(got) == ids_of(sent)
        assert [entry.source for entry in got] == [Source("EV_TOKYO", entry.sequence) for entry in sent]

    run(carry())


def test_nothing_passes_while_it_is_cut_and_all_of_it_once_every_cut_is_healed() -> None:
    async def carry() -> None:
        origin, receiver = MemoryLog(), MemoryLog()
        async with carrying(origin, receiver) as line:
            line.cut()
            line.cut()
            await fill(origin, "tokyo", ENTRIES)
            line.heal()
            await asyncio.sleep(LONG_SECONDS)
            assert (line.delivered, await receiver.last_sequence()) == (0, 0)

            line.heal()
            await asyncio.sleep(LONG_SECONDS)
            assert (line.delivered, await receiver.last_sequence()) == (ENTRIES, ENTRIES)

    run(carry())


def test_what_is_local_or_another_s_stays_even_where_a_region_lies() -> None:
    async def carry() -> None:
        origin, receiver = MemoryLog(), MemoryLog()
        await origin.append("tokyo_1", subject("tokyo", reach="local"), b"")
        await origin.receive("lima_1", subject("lima"), b"", source=Source("EV_LIMA", 1))
        async with carrying(origin, receiver), carrying(origin, receiver, lies=True):
            await asyncio.sleep(LONG_SECONDS)

        assert await receiver.last_sequence() == 0

    run(carry())


def test_a_region_that_lies_sends_what_it_has_forged_under_whatever_subject() -> None:
    async def carry() -> None:
        origin, receiver = MemoryLog(), MemoryLog()
        await origin.append(f"tokyo{FORGED}1", subject("lima"), b"")
        await origin.append(f"tokyo{FORGED}2", subject("tokyo", reach="local"), b"")
        async with carrying(origin, receiver):
            await asyncio.sleep(LONG_SECONDS)
        assert await receiver.last_sequence() == 0

        async with carrying(origin, receiver, lies=True):
            await asyncio.sleep(LONG_SECONDS)
        assert await receiver.last_sequence() == 2

    run(carry())


def test_what_was_purged_at_its_origin_is_not_carried_any_more_and_the_rest_is() -> None:
    async def carry() -> None:
        origin, receiver = MemoryLog(), MemoryLog()
        async with carrying(origin, receiver) as line:
            line.cut()
            await fill(origin, "tokyo", 5)
            await asyncio.sleep(LONG_SECONDS)
            await fill(origin, "tokyo", 5, owner="bengt")
            await fill(origin, "tokyo", 5, owner="chidi")
            origin.purge("ev.tokyo.*.*.anna")
            origin.purge("ev.tokyo.*.*.chidi")
            line.heal()
            await asyncio.sleep(LONG_SECONDS)

        assert ids_of(await collect(receiver, 10)) == [f"{who}-{n}" for who in ("anna", "bengt") for n in range(1, 6)]
        assert await receiver.last_sequence() == 10  # anna's were under way

    run(carry())
