"""A runner goes on where it was, makes its file again when it must, and says when it is ready."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random
from typing import Any

import pytest
from google.protobuf.wrappers_pb2 import BoolValue, Int32Value

from services.chassis import limits
from services.chassis.eventlog.memory import MemoryLog
from services.chassis.eventlog.port import Position
from services.chassis.projection.progress import CHASSIS_VERSION
from tests.chassis.projection.recorded import REGION, Recorded, entries_of, failing_on
from tests.support.logs import new_region, opened, wait_until
from tests.support.nats import NatsServer
from tests.support.tally import (
    Broken,
    Replica,
    Writer,
    applied,
    open_replica,
    tally_projection,
)


@pytest.mark.parametrize("stop", [1, 4, 9, 10])
async def test_a_restart_goes_on_where_it_was(log: MemoryLog, writer: Writer, tmp_path: Path, stop: int) -> None:
    for number in range(1, stop + 1):
        await writer.write(f"text {number}")
    async with open_replica(log, REGION, tmp_path) as replica:
        await replica.caught_up(stop)
    for number in range(stop + 1, 11):
        await writer.write(f"text {number}")

    async with open_replica(log, REGION, tmp_path, follows=False) as replica:
        assert replica.runner.position.sequence == stop
        replica.go_on()
        await replica.caught_up(10)
        assert [sequence for sequence, _ in await replica.applied()] == list(range(1, 11))


async def test_counts_are_kept_through_a_restart(log: MemoryLog, writer: Writer, tmp_path: Path) -> None:
    await writer.write("no right")
    await writer.write(BoolValue())
    await log.append("garbage", writer.subject(), b"\xff")
    async with open_replica(log, REGION, tmp_path) as replica:
        await replica.caught_up(3)

    async with open_replica(log, REGION, tmp_path, follows=False) as replica:
        assert (replica.runner.refused_events, replica.runner.skipped_events) == (2, 1)


async def test_listeners_are_told_when_every_reader_sees_it(writer: Writer, replica: Replica) -> None:
    told: list[tuple[int, asyncio.Future[list[tuple[int, str]]]]] = []

    def listen(facts: Any) -> None:
        reading = asyncio.ensure_future(replica.runner.store.read(applied))
        told.append((facts[-1].sequence, reading))

    replica.runner.listeners.append(listen)
    for number in range(1, 4):
        await replica.caught_up(await writer.write(f"text {number}"))

    assert [sequence for sequence, _ in told] == [1, 2, 3]
    for sequence, reading in told:
        assert (await reading)[-1][0] >= sequence


class Beside:
    """What stands beside a store here: an account of how much it saw of the store, and at which position."""

    def __init__(self, replica: Replica) -> None:
        self.seen: list[tuple[int, int]] = []
        self.goes_on = asyncio.Event()
        self.fails = False
        self._runner = replica.runner
        self._runner.beside = self

    async def follow(self) -> None:
        await self.goes_on.wait()
        self.seen.append((len(await self._runner.store.read(applied)), self._runner.position.sequence))
        if self.fails:
            raise Broken

    async def scrub(self, sequence: int) -> bool:
        return True


async def test_what_stands_beside_the_store_is_at_it_before_the_position_is_shown(
    log: MemoryLog, writer: Writer, tmp_path: Path
) -> None:
    async with open_replica(log, REGION, tmp_path, follows=False) as replica:
        beside = Beside(replica)
        replica.go_on()
        await writer.write("text 1")
        assert not await replica.runner.wait_applied(Position(log.epoch, 1), timeout_seconds=0.05)
        beside.goes_on.set()
        await replica.caught_up(1)
        await replica.caught_up(await writer.write("text 2"))

    assert beside.seen == [(0, 0), (1, 0), (2, 1)]


async def test_what_the_end_of_a_process_left_behind_beside_the_store_is_brought_before_it_is_ready(
    log: MemoryLog, writer: Writer, tmp_path: Path
) -> None:
    await writer.write("text 1")
    async with open_replica(log, REGION, tmp_path) as replica:
        await replica.caught_up(1)

    async with open_replica(log, REGION, tmp_path, follows=False) as replica:
        beside = Beside(replica)
        replica.go_on()
        await asyncio.sleep(0)
        assert not replica.runner.ready()
        beside.goes_on.set()
        await wait_until(replica.runner.ready)

    assert beside.seen == [(1, 1)]


async def test_a_position_is_not_shown_where_what_stands_beside_the_store_fails(
    log: MemoryLog, writer: Writer, tmp_path: Path
) -> None:
    async with open_replica(log, REGION, tmp_path, follows=False) as replica:
        beside = Beside(replica)
        beside.goes_on.set()
        replica.go_on()
        await replica.caught_up(await writer.write("text 1"))
        beside.fails = True
        await writer.write("text 2")
        assert replica.running is not None
        with pytest.raises(BaseExceptionGroup):
            await replica.running
        replica.running = None
        assert replica.runner.position.sequence == 1


async def test_another_version_is_built_beside_the_old_one_which_goes_when_it_has_caught_up(
    log: MemoryLog, writer: Writer, tmp_path: Path
) -> None:
    for number in range(1, 6):
        await writer.write(f"text {number}")
    async with open_replica(log, REGION, tmp_path) as replica:
        await replica.caught_up(5)
    unrelated = tmp_path / "feed.v1-3.memory.sqlite"
    unrelated.touch()

    newer = tally_projection(version=2)
    async with open_replica(log, REGION, tmp_path, projection=newer, follows=False) as replica:
        assert replica.runner.position.sequence == 0
        assert {file.name for file in tmp_path.glob("tally.*.sqlite")} == {
            f"tally.v1-{CHASSIS_VERSION}.memory.sqlite",
            f"tally.v2-{CHASSIS_VERSION}.memory.sqlite",
        }
        assert not replica.runner.ready()
        replica.go_on()
        await wait_until(replica.runner.ready)
        assert len(await replica.applied()) == 5
        assert [file.name for file in tmp_path.glob("tally.*.sqlite*") if "v1" in file.name] == []
    assert unrelated.exists()


async def test_the_old_file_stays_until_the_new_one_has_caught_up(
    log: MemoryLog, writer: Writer, tmp_path: Path
) -> None:
    for number in range(1, 6):
        await writer.write("bad" if number == 4 else f"text {number}")
    async with open_replica(log, REGION, tmp_path) as replica:
        await replica.caught_up(5)

    newer = tally_projection(version=2, handlers=failing_on("bad"))
    async with open_replica(
        log, REGION, tmp_path, projection=newer, follows=False, events_per_transaction_max=1
    ) as replica:
        with pytest.raises(ExceptionGroup):
            await replica.runner.run()
    assert (tmp_path / f"tally.v1-{CHASSIS_VERSION}.memory.sqlite").exists()


async def test_another_life_of_the_log_begins_another_file(log: MemoryLog, writer: Writer, tmp_path: Path) -> None:
    for number in range(1, 6):
        await writer.write(f"old {number}")
    async with open_replica(log, REGION, tmp_path) as replica:
        await replica.caught_up(5)

    restored = MemoryLog("restored")
    await Writer(restored, REGION).write("new")
    async with open_replica(restored, REGION, tmp_path) as replica:
        await replica.caught_up(1)
        assert await replica.applied() == [(1, "new")]
        assert replica.runner.position == Position("restored", 1)
        await wait_until(replica.runner.ready)
        assert [file.name for file in tmp_path.glob("tally.*.sqlite")] == [
            f"tally.v1-{CHASSIS_VERSION}.restored.sqlite"
        ]


@pytest.mark.parametrize("how", ["overwritten", "emptied", "removed"])
async def test_a_damaged_file_is_made_again_from_the_log(
    log: MemoryLog, writer: Writer, tmp_path: Path, how: str
) -> None:
    for number in range(1, 6):
        await writer.write(f"text {number}")
    async with open_replica(log, REGION, tmp_path) as replica:
        await replica.caught_up(5)
        before = await replica.digest()
    file = tmp_path / f"tally.v1-{CHASSIS_VERSION}.memory.sqlite"
    if how == "removed":
        file.unlink()
    else:
        file.write_bytes(b"no database" * 1_000 if how == "overwritten" else b"")

    async with open_replica(log, REGION, tmp_path) as replica:
        await replica.caught_up(5)
        assert await replica.digest() == before


class Lengthy(Recorded):
    """A log whose length a test sets."""

    last = 0

    async def last_sequence(self, register: str = "") -> int:
        return self.last


async def test_readiness_is_having_caught_up_once_and_not_being_far_behind(
    log: MemoryLog, writer: Writer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.chassis.projection.runner._LOG_ASKED_EVERY_SECONDS", 0.01)
    await writer.write("text")
    source = Lengthy(await entries_of(log))
    source.last = 2
    async with open_replica(source, REGION, tmp_path) as replica:
        runner = replica.runner
        await replica.caught_up(1)
        await wait_until(lambda: runner.lag_events() == 1)
        assert not runner.ready()

        source.last = 1
        await wait_until(runner.ready)
        assert runner.lag_events() == 0

        source.last = 1 + limits.READY_LAG_EVENTS_MAX
        await wait_until(lambda: runner.lag_events() == limits.READY_LAG_EVENTS_MAX)
        assert runner.ready()

        source.last += 1
        await wait_until(lambda: not runner.ready())


async def test_an_empty_log_is_caught_up_with(replica: Replica) -> None:
    await wait_until(replica.runner.ready)


async def test_nothing_is_ready_before_the_log_has_told_its_length(
    log: MemoryLog, writer: Writer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unknown(register: str = "") -> int:
        raise ConnectionError

    monkeypatch.setattr("services.chassis.projection.runner._LOG_ASKED_EVERY_SECONDS", 0.01)
    await writer.write("text")
    with monkeypatch.context() as patch:
        patch.setattr(log, "last_sequence", unknown)
        async with open_replica(log, REGION, tmp_path) as replica:
            await replica.caught_up(1)
            assert not replica.runner.ready()
            patch.undo()
            await wait_until(replica.runner.ready)


async def test_an_erased_end_of_a_real_log_keeps_no_replica_from_being_ready(
    nats_server: NatsServer, tmp_path: Path
) -> None:
    region = new_region()
    async with AsyncExitStack() as stack:
        log = await stack.enter_async_context(opened(nats_server.url, region))
        writer = Writer(log, region)
        for number in range(1, 4):
            await writer.write(f"text {number}")
        await log._jetstream.delete_msg(log._stream, 3)
        replica = await stack.enter_async_context(open_replica(log, region, tmp_path))

        await wait_until(replica.runner.ready)
        assert (replica.runner.position.sequence, replica.runner.lag_events()) == (2, 0)


async def test_a_projection_over_a_real_log_is_equal_to_one_made_anew_after_kills(
    own_nats_server: NatsServer, tmp_path: Path
) -> None:
    region, chance = new_region(), Random(1)
    async with AsyncExitStack() as stack:
        log = await stack.enter_async_context(opened(own_nats_server.url, region))
        replica = await stack.enter_async_context(open_replica(log, region, tmp_path / "one"))
        writer = Writer(log, region)
        for number in range(1, 121):
            await writer.write(Int32Value(value=chance.randint(1, 9)), key=f"key {number}")
            if number % 50 == 0:
                own_nats_server.kill()
                await asyncio.to_thread(own_nats_server.start)
        rebuilt = await stack.enter_async_context(open_replica(log, region, tmp_path / "other"))
        for each in (replica, rebuilt):
            await each.caught_up(120)

        assert await replica.digest() == await rebuilt.digest()
        assert len(await replica.applied()) == 120
