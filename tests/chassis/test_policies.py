"""A policy carries out what is pending, once, whoever else tries, whatever fails, and whenever it is killed."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import pytest
from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import Int32Value, StringValue

from services.chassis import limits
from services.chassis.clock import Clock, ManualClock
from services.chassis.errors import Unavailable
from services.chassis.eventlog.memory import MemoryLog
from services.chassis.eventlog.port import EventLog, Position
from services.chassis.policies import FindPending, Pending, PolicyRunner
from services.chassis.store import Connection
from services.chassis.telemetry import Telemetry
from tests.support.logs import WAIT_SECONDS_MAX, new_region, opened, wait_until
from tests.support.nats import NatsServer
from tests.support.tally import Replica, Writer, intent, open_replica, person, say
from tests.support.unreliable import Unreliable

CarryOut = Callable[[Pending], Awaitable[object]]


@pytest.fixture
def region() -> str:
    return new_region()


@pytest.fixture(params=["memory", "jetstream"])
async def log(request: pytest.FixtureRequest, region: str) -> AsyncIterator[EventLog]:
    if request.param == "memory":
        yield MemoryLog()
        return
    server: NatsServer = request.getfixturevalue("nats_server")
    async with opened(server.url, region) as log:
        yield log


def find_asked(db: Connection, after: int, most: int) -> list[Pending]:
    """Return what somebody asked for and nobody has done."""
    rows = db.execute(
        """
        select sequence, substr(what, 5) from applied asked where what like 'ask %' and sequence > ?
            and not exists (select 1 from applied done where done.what = 'done ' || substr(asked.what, 5))
        order by sequence limit ?
        """,
        (after, most),
    )
    return [Pending(int(str(sequence)), str(name)) for sequence, name in rows]


def doing(replica: Replica, region: str) -> CarryOut:
    """Return what does what was asked for, through the decider, on one register of all."""

    async def do(pending: Pending) -> None:
        wanted = intent(region, "doer", key=f"do-{pending.id}")

        def decide(db: Connection) -> object:
            done = db.execute("select 1 from applied where what = ?", (f"done {pending.id}",)).fetchone()
            return None if done else say(f"done {pending.id}")(db)

        await replica.decider.carry_out(wanted, decide, owner=person(region, "doer"))  # type: ignore[arg-type]

    return do


def make_policy(
    replica: Replica,
    carry_out: CarryOut,
    *,
    clock: Clock | None = None,
    woken_by: type[Message] = StringValue,
    pending: FindPending = find_asked,
) -> PolicyRunner:
    policy = PolicyRunner(
        name="test",
        runner=replica.runner,
        woken_by=(woken_by,),
        pending=pending,
        carry_out=carry_out,
        clock=clock or ManualClock(),
        meter=Telemetry(service="test").meter,
    )
    replica.runner.listeners.append(policy.note)
    return policy


@asynccontextmanager
async def running(policy: PolicyRunner) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(policy.run())
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def ask(log: EventLog, region: str, *names: str) -> None:
    writer = Writer(log, region)
    for name in names:
        await writer.write(f"ask {name}", name=f"asker {name}")


async def done(replica: Replica) -> Counter[str]:
    return Counter(what[5:] for _, what in await replica.applied() if what.startswith("done "))


async def all_done(replica: Replica, count: int) -> Counter[str]:
    """Wait until so many are done, and return how often each was."""
    async with asyncio.timeout(WAIT_SECONDS_MAX):
        while len(await done(replica)) < count:
            await asyncio.sleep(0.005)
    return await done(replica)


async def test_what_is_asked_is_done_once_at_several_replicas(log: EventLog, region: str, tmp_path: Path) -> None:
    names = [f"{n}" for n in range(40)]
    async with AsyncExitStack() as stack:
        replicas = []
        for number in range(3):
            replica = await stack.enter_async_context(open_replica(log, region, tmp_path / str(number), seed=number))
            await stack.enter_async_context(running(make_policy(replica, doing(replica, region))))
            replicas.append(replica)

        await ask(log, region, *names)
        await all_done(replicas[0], len(names))
        for replica in replicas:
            await replica.caught_up(await log.last_sequence())

        assert await done(replicas[0]) == Counter(names)


async def test_what_was_asked_before_it_started_is_done(region: str, tmp_path: Path) -> None:
    log = MemoryLog()
    await ask(log, region, "before")
    async with open_replica(log, region, tmp_path) as replica:
        await replica.caught_up(1)
        async with running(make_policy(replica, doing(replica, region))):
            assert await all_done(replica, 1) == Counter(["before"])


async def test_a_lost_acknowledgement_does_nothing_twice(region: str, tmp_path: Path) -> None:
    memory, clock = MemoryLog(), ManualClock()
    log = Unreliable(memory)
    async with open_replica(log, region, tmp_path) as replica:
        await ask(memory, region, "one")
        await replica.caught_up(1)
        log.losses = 1
        policy = make_policy(replica, doing(replica, region), clock=clock)

        await policy.look()
        assert policy.failures == 1
        await replica.caught_up(2)
        clock.advance(limits.POLICY_DELAY_SECONDS)
        await policy.look()

        assert await done(replica) == Counter(["one"])


@pytest.mark.parametrize("killed_after_append", [False, True])
async def test_when_one_is_killed_another_does_it_once(region: str, tmp_path: Path, killed_after_append: bool) -> None:
    memory = MemoryLog()
    dying, reached = Unreliable(memory), asyncio.Event()

    async def hang(subject: str) -> None:
        reached.set()
        await asyncio.get_running_loop().create_future()

    setattr(dying, "after_append" if killed_after_append else "before_append", hang)
    async with (
        open_replica(dying, region, tmp_path / "dying") as first,
        open_replica(memory, region, tmp_path / "living") as second,
    ):
        async with running(make_policy(first, doing(first, region))):
            await ask(memory, region, "one")
            await reached.wait()

        async with running(make_policy(second, doing(second, region))):
            assert await all_done(second, 1) == Counter(["one"])
        await second.caught_up(await memory.last_sequence())
        assert await done(second) == Counter(["one"])


async def test_what_fails_again_and_again_holds_nothing_up_and_is_tried_ever_more_seldom(
    region: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "POLICY_ROUND_ITEMS_MAX", 2)
    log, clock, tries = MemoryLog(), ManualClock(), Counter[str]()
    await ask(log, region, "bad-1", "bad-2", "bad-3", "good-1", "good-2")
    async with open_replica(log, region, tmp_path) as replica:
        await replica.caught_up(5)
        do = doing(replica, region)

        async def carry_out(pending: Pending) -> object:
            tries[pending.id] += 1
            if pending.id.startswith("bad"):
                raise Unavailable("Not now.") if pending.id == "bad-1" else ValueError(pending.id)
            return await do(pending)

        policy = make_policy(replica, carry_out, clock=clock)

        async def look_at_all() -> None:
            while await policy.look():
                pass

        await look_at_all()
        assert await done(replica) == Counter(["good-1", "good-2"])

        tried_at = []
        for second in range(20):
            before = tries["bad-2"]
            await look_at_all()
            if tries["bad-2"] > before:
                tried_at.append(second)
            clock.advance(1)
        assert tried_at == [1, 3, 7, 15]
        assert policy.failures == 15
        assert tries["good-1"] == 1


async def test_what_hangs_is_given_up_and_holds_nothing_up(
    region: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "COMMAND_SECONDS_MAX", 0.1)
    log = MemoryLog()
    await ask(log, region, "hangs", "good")
    async with open_replica(log, region, tmp_path) as replica:
        await replica.caught_up(2)
        do = doing(replica, region)

        async def carry_out(pending: Pending) -> object:
            if pending.id == "hangs":
                monkeypatch.setattr(limits, "COMMAND_SECONDS_MAX", 60)  # the others have all the time they need
                await asyncio.get_running_loop().create_future()
            return await do(pending)

        policy = make_policy(replica, carry_out)
        await policy.look()

        assert await done(replica) == Counter(["good"])
        assert policy.failures == 1


async def test_it_looks_again_by_itself(region: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "POLICY_LOOK_SECONDS", 0.01)
    log = MemoryLog()
    async with open_replica(log, region, tmp_path) as replica:
        policy = make_policy(replica, doing(replica, region))
        replica.runner.listeners.clear()
        async with running(policy):
            await ask(log, region, "unheard")
            assert await all_done(replica, 1) == Counter(["unheard"])


async def test_it_looks_when_there_may_be_something_and_at_nothing_else_that_happens(
    region: str, tmp_path: Path
) -> None:
    log, looks = MemoryLog(), Counter[type[Message]]()
    async with open_replica(log, region, tmp_path) as replica, AsyncExitStack() as stack:
        for kind in (Int32Value, StringValue):

            def count(db: Connection, after: int, most: int, kind: type[Message] = kind) -> list[Pending]:
                looks[kind] += 1
                return []

            policy = make_policy(replica, doing(replica, region), woken_by=kind, pending=count)
            await stack.enter_async_context(running(policy))
        await wait_until(lambda: looks.total() == 2)

        await ask(log, region, "one")
        await wait_until(lambda: looks.total() > 2)

        assert looks == {Int32Value: 1, StringValue: 2}


async def test_failures_are_remembered_within_a_bound(
    region: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "POLICY_FAILURES_REMEMBERED_MAX", 3)
    log = MemoryLog()
    await ask(log, region, *(f"{n}" for n in range(8)))
    async with open_replica(log, region, tmp_path) as replica:
        assert await replica.runner.wait_applied(Position(log.epoch, 8), timeout_seconds=WAIT_SECONDS_MAX)

        async def fail(pending: Pending) -> object:
            raise ValueError(pending.id)

        policy = make_policy(replica, fail)
        await policy.look()
        await wait_until(lambda: policy.failures == 8)
        assert len(policy._failed) == 3
