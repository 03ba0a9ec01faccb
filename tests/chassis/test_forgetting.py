"""A service says that it has forgotten a person when nothing of them is left in its file, and once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from samverka.network.v1.network_events_pb2 import ErasureOrdered, PersonForgotten
from services.chassis.clock import ManualClock
from services.chassis.envelope import open_event, payload_name
from services.chassis.eventlog.memory import MemoryLog
from services.chassis.forgetting import forgetting_policy
from services.chassis.ids import region_actor
from services.chassis.policies import PolicyRunner
from services.chassis.store import Connection
from services.chassis.telemetry import Telemetry
from tests.support.files import files_with
from tests.support.logs import put, wait_until
from tests.support.tally import SERVICE, Replica, Writer, open_replica, person, tally_projection

REGION = "stockholm"
ANNA, BO = person(REGION), person(REGION, "bo")
SECRET = "what nobody is to read again"


def erase(db: Connection, who: str) -> None:
    db.execute("delete from applied where actor = ?", (who,))


@dataclass(slots=True)
class Forgetful:
    """A replica, its file's directory, and the policy that a test gives its turns."""

    replica: Replica
    directory: Path
    policy: PolicyRunner
    clock: ManualClock

    def holds(self, text: str) -> bool:
        return any(files_with(text.encode(), self.directory))


@pytest.fixture
def log() -> MemoryLog:
    return MemoryLog()


@asynccontextmanager
async def forgetful(log: MemoryLog, directory: Path, *, follows: bool = True) -> AsyncIterator[Forgetful]:
    projection = replace(tally_projection(), erase=erase)
    async with open_replica(log, REGION, directory, projection=projection, follows=follows) as replica:
        telemetry, clock = Telemetry(service="test"), ManualClock()
        policy = forgetting_policy(runner=replica.runner, decider=replica.decider, clock=clock, meter=telemetry.meter)
        yield Forgetful(replica, directory, policy, clock)
        telemetry.shutdown()


@pytest.fixture
async def one(log: MemoryLog, tmp_path: Path) -> AsyncIterator[Forgetful]:
    async with forgetful(log, tmp_path / "one") as forgetting:
        await wait_until(forgetting.replica.runner.ready)
        yield forgetting


async def order(log: MemoryLog, who: str) -> int:
    payload, event_id = ErasureOrdered(erasure_id="e", person_id=who), f"{REGION}_order{await log.last_sequence()}"
    data = Writer(log, REGION).sealed(payload, event_id=event_id, actor=region_actor(REGION))
    return await put(log, REGION, event_id, f"ev.{REGION}.pub.network.{REGION}", data)


async def said(log: MemoryLog) -> list[tuple[str, PersonForgotten]]:
    """Return on which subjects what was said."""
    found, after = [], 0
    while entry := await log.read("", after=after):
        after, event = entry.sequence, open_event(entry.data)
        if event is not None and payload_name(event) == PersonForgotten.DESCRIPTOR.full_name:
            found.append((entry.subject, PersonForgotten.FromString(event.payload.value)))
    return found


@contextmanager
def reading(replica: Replica) -> Iterator[None]:
    """Stand on what the file holds now, as a long query does."""
    other = Connection(str(replica.runner.store.path))
    other.execute("begin")
    other.execute("select * from applied").fetchall()
    yield
    other.close()


async def test_no_byte_of_the_person_is_left_and_then_it_is_said(log: MemoryLog, one: Forgetful) -> None:
    writer = Writer(log, REGION)
    for number in range(50):
        await writer.write(f"{SECRET} {number} " * (number * 10))
        await one.replica.caught_up(await writer.write("what bo wrote", name="bo"))
    await one.replica.caught_up(await order(log, ANNA))
    assert one.holds(SECRET), "the test proves nothing"

    await one.policy.look()

    assert not one.holds(SECRET)
    assert one.holds("what bo wrote")
    assert await said(log) == [
        (f"ev.{REGION}.local.{SERVICE}.{REGION}", PersonForgotten(person_id=ANNA, holder=SERVICE))
    ]


async def test_while_somebody_reads_what_was_before_nothing_is_said(log: MemoryLog, one: Forgetful) -> None:
    await one.replica.caught_up(await Writer(log, REGION).write(SECRET))
    with reading(one.replica):
        await one.replica.caught_up(await order(log, ANNA))
        await one.policy.look()
        assert one.policy.failures == 1
        assert await said(log) == []


class Index:
    """What stands beside the store, and is clean up to a sequence."""

    clean_through = 0

    async def follow(self) -> None:
        pass

    async def scrub(self, sequence: int) -> bool:
        return sequence <= self.clean_through


async def test_nothing_is_said_before_what_stands_beside_the_store_has_forgotten_too(
    log: MemoryLog, one: Forgetful
) -> None:
    index = Index()
    one.replica.runner.beside = index
    first, second = await order(log, ANNA), await order(log, BO)
    await one.replica.caught_up(second)
    await one.policy.look()
    assert (one.policy.failures, await said(log)) == (2, [])

    index.clean_through = first
    one.clock.advance(60)
    await one.policy.look()
    assert [forgotten.person_id for _, forgotten in await said(log)] == [ANNA]


async def test_every_replica_sees_to_its_own_file_and_it_is_said_once(
    log: MemoryLog, one: Forgetful, tmp_path: Path
) -> None:
    async with AsyncExitStack() as stack:
        other = await stack.enter_async_context(forgetful(log, tmp_path / "other"))
        await Writer(log, REGION).write(SECRET)
        last = await order(log, ANNA)
        for each in (one, other):
            await each.replica.caught_up(last)
            await wait_until(each.replica.runner.ready)
            await each.policy.look()
            await other.replica.caught_up(await log.last_sequence())

        assert not one.holds(SECRET)
        assert not other.holds(SECRET)
        assert len(await said(log)) == 1


async def test_what_was_done_is_not_said_again_after_a_restart(log: MemoryLog, one: Forgetful, tmp_path: Path) -> None:
    for who in (ANNA, BO):
        await one.replica.caught_up(await order(log, who))
        await one.policy.look()

    async with forgetful(log, tmp_path / "new") as new:
        await wait_until(new.replica.runner.ready)
        await new.policy.look()

    assert [forgotten.person_id for _, forgotten in await said(log)] == [ANNA, BO]


async def test_a_replica_that_catches_up_says_nothing(log: MemoryLog, tmp_path: Path) -> None:
    await order(log, ANNA)
    async with forgetful(log, tmp_path / "one", follows=False) as one:
        await one.policy.look()
        assert await said(log) == []
