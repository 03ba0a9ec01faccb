"""Who is erased has no effect any more, whatever of theirs is still in the log or comes back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from google.protobuf.message import Message

from samverka.feed.v1.feed_events_pb2 import ContentHidden
from samverka.network.v1.network_events_pb2 import ErasureOrdered, PersonForgotten
from services.chassis.envelope import Fact
from services.chassis.erasing import is_forgotten, read_late
from services.chassis.errors import Forbidden
from services.chassis.eventlog.memory import MemoryLog
from services.chassis.ids import derive, region_actor
from services.chassis.receipts import find_receipt
from services.chassis.store import Connection
from tests.support.logs import put
from tests.support.tally import HANDLERS, Replica, Writer, intent, open_replica, person, say, tally_projection

REGION = "stockholm"
ANNA, BO = person(REGION), person(REGION, "bo")


def erase(db: Connection, who: str) -> None:
    db.execute("delete from applied where actor = ?", (who,))


def note_decision(db: Connection, fact: Fact[ContentHidden]) -> None:
    values = (fact.sequence, fact.id, fact.actor, fact.at_ms, fact.payload.request_id)
    db.execute("insert into applied values (?, ?, ?, ?, ?)", values)


@pytest.fixture
def log() -> MemoryLog:
    return MemoryLog()


@pytest.fixture
def writer(log: MemoryLog) -> Writer:
    return Writer(log, REGION)


@pytest.fixture
async def replica(log: MemoryLog, tmp_path: Path) -> AsyncIterator[Replica]:
    projection = replace(tally_projection(handlers={**HANDLERS, ContentHidden: note_decision}), erase=erase)
    async with open_replica(log, REGION, tmp_path, projection=projection) as replica:
        yield replica


async def order(log: MemoryLog, who: str, *, region: str = REGION, owner: str = "", actor: str = "") -> int:
    payload: Message = ErasureOrdered(erasure_id="e", person_id=who)
    event_id = f"{region}_order{await log.last_sequence()}"
    data = Writer(log, region).sealed(payload, event_id=event_id, actor=actor or region_actor(region))
    return await put(log, REGION, event_id, f"ev.{region}.pub.network.{owner or region}", data)


async def test_what_the_person_wrote_is_gone_and_what_others_wrote_stays(
    log: MemoryLog, writer: Writer, replica: Replica
) -> None:
    await writer.write("anna's", key="k")
    await writer.write("bo's", name="bo")
    await replica.caught_up(await order(log, ANNA))
    assert await replica.applied() == [(2, "bo's")]
    assert await replica.runner.store.read(lambda db: find_receipt(db, ANNA, "k")) is None


async def test_what_comes_later_has_no_effect_also_after_a_restart(
    log: MemoryLog, writer: Writer, replica: Replica, tmp_path: Path
) -> None:
    await replica.caught_up(await order(log, ANNA))
    await replica.caught_up(await writer.write("in flight"))
    assert await replica.applied() == []

    await replica.pause()
    await replica.runner.load()
    replica.go_on()
    await replica.caught_up(await writer.write("again"))
    assert await replica.applied() == []
    assert replica.runner.refused_events == 2


async def test_nor_has_what_they_decide_in_their_own_region_and_what_another_decided_for_them_has(
    log: MemoryLog, replica: Replica
) -> None:
    await replica.caught_up(await order(log, ANNA))
    for home in (REGION, "tokyo"):
        group_id = derive(home, "group")
        decided = ContentHidden(group_id=group_id, content_id=derive(home, "post"), request_id=home)
        data = Writer(log, home).sealed(decided, event_id=f"{home}_1", actor=ANNA)
        await replica.caught_up(await put(log, REGION, f"{home}_1", f"ev.{home}.pub.feed.{group_id}", data))
    assert await replica.applied() == [(3, "tokyo")]
    assert replica.runner.refused_events == 1


async def test_the_erased_can_do_nothing_more(log: MemoryLog, replica: Replica) -> None:
    await replica.caught_up(await order(log, ANNA))
    with pytest.raises(Forbidden) as refused:
        await replica.carry_out(intent(REGION), say("hello"))
    assert refused.value.code == "person_erased"
    await replica.carry_out(intent(REGION, "bo"), say("hello"))


@pytest.mark.parametrize(
    ("who", "forged"),
    [
        (ANNA, {"region": "tokyo"}),  # a region erases its own people alone
        (ANNA, {"owner": ANNA, "actor": ANNA}),  # and in its own register, which stays
        (ANNA, {"actor": BO}),
        ("nobody", {}),
    ],
)
async def test_an_order_that_is_not_the_home_region_s_is_refused(
    log: MemoryLog, writer: Writer, replica: Replica, who: str, forged: dict[str, str]
) -> None:
    await writer.write("anna's")
    await replica.caught_up(await order(log, who, **forged))
    assert await replica.applied() == [(1, "anna's")]
    assert replica.runner.refused_events == 1


@pytest.mark.parametrize(
    ("subject", "actor"),
    [
        (f"ev.{REGION}.pub.tally.{REGION}", region_actor(REGION)),  # it is nobody else's business
        (f"ev.{REGION}.local.tally.{BO}", BO),
        ("ev.tokyo.pub.tally.tokyo", region_actor("tokyo")),
    ],
)
async def test_only_the_region_says_of_itself_that_somebody_is_forgotten(
    log: MemoryLog, replica: Replica, subject: str, actor: str
) -> None:
    await replica.caught_up(await order(log, ANNA))
    region = subject.split(".")[1]
    payload, event_id = PersonForgotten(person_id=ANNA, holder="tally"), f"{region}_forgotten"
    data = Writer(log, region).sealed(payload, event_id=event_id, actor=actor)
    await replica.caught_up(await put(log, REGION, event_id, subject, data))

    assert replica.runner.refused_events == 1
    assert not await replica.runner.store.read(lambda db: is_forgotten(db, ANNA))


async def test_whatever_stands_behind_the_order_in_their_register_is_late(
    log: MemoryLog, writer: Writer, replica: Replica
) -> None:
    await writer.write("before")
    await replica.caught_up(await order(log, ANNA))
    first = await writer.write("after")
    last = await log.append("garbage", writer.subject(), b"\xff")
    await replica.caught_up(await writer.write("bo's", name="bo"))

    def late(after: int) -> list[tuple[str, int]]:
        return replica.runner.store.read_now(lambda db: read_late(db, after=after, most=10))

    assert late(0) == late(first) == [(ANNA, last)]
    assert late(last) == []
