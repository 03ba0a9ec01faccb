"""An erased person is taken out of the region's log, whatever is killed, and so is what comes late."""

from __future__ import annotations

import asyncio

import pytest

from samverka.feed.v1.feed_events_pb2 import PostPublished
from samverka.network.v1.network_events_pb2 import PersonForgotten
from services.chassis import limits
from services.chassis.errors import Unavailable
from services.chassis.ids import derive
from services.network.domain.erasures import LOG, everything_of
from tests.network.facts import say_order
from tests.support.logs import wait_until
from tests.support.services import NetworkParts, Region, Replica

KENJI = derive("tokyo", "kenji")
LATE = PostPublished(post_id=derive("tokyo", "post"), body="Too late")


async def _said(region: Region) -> list[PersonForgotten]:
    return [PersonForgotten.FromString(event.payload.value) for event in await region.events(PersonForgotten)]


async def test_the_person_is_purged_and_the_log_has_forgotten_them(
    region: Region, network: Replica, parts: NetworkParts
) -> None:
    await say_order(region, KENJI, origin="tokyo")

    await parts.purging.turn()

    assert parts.keeper.purged == [f"ev.tokyo.*.*.{KENJI}"]
    assert await _said(region) == [PersonForgotten(person_id=KENJI, holder=LOG, events=1)]


async def test_that_the_log_has_forgotten_is_told_within_the_region_alone(
    region: Region, network: Replica, parts: NetworkParts
) -> None:
    await say_order(region, KENJI, origin="tokyo")
    before = await region.log.last_sequence("ev.stockholm.pub.*.*")

    await parts.purging.turn()
    await region.forget()

    assert len(await _said(region)) == 4
    assert await region.log.last_sequence("ev.stockholm.pub.*.*") == before


async def test_what_is_done_is_not_done_again(region: Region, network: Replica, parts: NetworkParts) -> None:
    await say_order(region, KENJI, origin="tokyo")
    for _ in range(3):
        await parts.purging.turn()
        await region.settle()

    assert len(parts.keeper.purged) == 1
    assert len(await _said(region)) == 1


async def test_what_cannot_be_purged_is_not_said_to_be(region: Region, network: Replica, parts: NetworkParts) -> None:
    await say_order(region, KENJI, origin="tokyo")
    parts.keeper.fails = True
    with pytest.raises(Unavailable):
        await parts.purging.turn()
    assert await _said(region) == []

    parts.keeper.fails = False
    await parts.purging.turn()

    assert len(await _said(region)) == 1


async def test_a_kill_behind_the_purge_is_made_good_by_any_replica(
    region: Region, network: Replica, parts: NetworkParts
) -> None:
    await say_order(region, KENJI, origin="tokyo")
    await parts.keeper.purge(everything_of(KENJI))  # and then the one who did it was killed

    other = await region.add_network()
    await region.settle()
    assert other.parts is not None
    await other.parts.purging.turn()
    await region.settle()
    await parts.purging.turn()

    assert other.parts.keeper.purged == [everything_of(KENJI)]
    assert len(await _said(region)) == 1


async def test_replicas_at_once_say_it_once(region: Region, network: Replica) -> None:
    others = [await region.add_network() for _ in range(3)]
    await say_order(region, KENJI, origin="tokyo")

    await asyncio.gather(*(replica.parts.purging.turn() for replica in (network, *others) if replica.parts))

    assert len(await _said(region)) == 1


async def test_what_was_under_way_when_it_was_ordered_is_purged_when_it_is_met(
    region: Region, network: Replica, parts: NetworkParts
) -> None:
    await say_order(region, KENJI, origin="tokyo")
    await parts.purging.turn()
    parts.keeper.purged.clear()

    await region.assert_fact(LATE, actor=KENJI, origin="tokyo")
    await parts.purging.turn()
    await parts.purging.turn()

    assert parts.keeper.purged == [everything_of(KENJI)]


async def test_what_comes_late_is_purged_also_when_the_ledger_is_full(
    region: Region, network: Replica, parts: NetworkParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "REFUSALS_KEPT_MAX", 1)
    persons = [derive("tokyo", f"person {number}") for number in range(4)]
    for person in persons:
        await say_order(region, person, origin="tokyo")
    await parts.purging.turn()
    parts.keeper.purged.clear()

    for _ in range(2):
        for person in persons:
            await region.assert_fact(LATE, actor=person, origin="tokyo")
        await parts.purging.turn()

    assert parts.keeper.purged == [everything_of(person) for person in persons] * 2


async def test_whom_one_turn_does_not_reach_the_next_does(
    region: Region, network: Replica, parts: NetworkParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.network.policies.purge_erased.PERSONS_AT_ONCE_MAX", 2)
    persons = [derive("tokyo", f"person {number}") for number in range(5)]
    for person in persons:
        await say_order(region, person, origin="tokyo")
    running = asyncio.create_task(parts.purging.run())

    await wait_until(lambda: len(parts.keeper.purged) == 5)

    running.cancel()
    assert parts.keeper.purged == [everything_of(person) for person in persons]
