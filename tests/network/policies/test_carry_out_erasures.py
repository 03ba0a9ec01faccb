"""An erasure is carried out in every region, whatever is killed, and its receipt is written once."""

from __future__ import annotations

import asyncio

import pytest

from samverka.feed.v1.feed_events_pb2 import PostPublished
from samverka.network.v1.network_events_pb2 import ErasureCarriedOut
from services.chassis.errors import Unavailable
from services.chassis.ids import derive
from services.network.domain.erasures import erasure_id, everything_of
from services.network.projections import network_projection
from tests.network.facts import say_order
from tests.support.services import REGION, NetworkParts, Region, Replica

KENJI = derive("tokyo", "kenji")


async def _receipts(region: Region) -> list[ErasureCarriedOut]:
    return [ErasureCarriedOut.FromString(event.payload.value) for event in await region.events(ErasureCarriedOut)]


async def test_the_person_is_purged_and_the_region_says_so(
    region: Region, network: Replica, parts: NetworkParts
) -> None:
    await say_order(region, KENJI, origin="tokyo")

    await parts.erasures.turn()

    assert parts.keeper.purged == [f"ev.tokyo.*.*.{KENJI}"]
    assert await _receipts(region) == [ErasureCarriedOut(erasure_id=erasure_id(KENJI), region=REGION, purged_events=1)]


async def test_what_is_done_is_not_done_again(region: Region, network: Replica, parts: NetworkParts) -> None:
    await say_order(region, KENJI, origin="tokyo")
    for _ in range(3):
        await parts.erasures.turn()
        await region.settle()

    assert len(parts.keeper.purged) == 1
    assert len(await _receipts(region)) == 1


async def test_without_a_purge_there_is_no_receipt(region: Region, network: Replica, parts: NetworkParts) -> None:
    await say_order(region, KENJI, origin="tokyo")
    parts.keeper.fails = True
    with pytest.raises(Unavailable):
        await parts.erasures.turn()
    assert await _receipts(region) == []

    parts.keeper.fails = False
    await parts.erasures.turn()

    assert len(await _receipts(region)) == 1


async def test_a_kill_between_purge_and_receipt_is_made_good_by_any_replica(
    region: Region, network: Replica, parts: NetworkParts
) -> None:
    await say_order(region, KENJI, origin="tokyo")
    await parts.keeper.purge(everything_of(KENJI))  # and then the one who did it was killed

    other = await region.add_network()
    await region.settle()
    assert other.parts is not None
    await other.parts.erasures.turn()
    await region.settle()
    await parts.erasures.turn()

    assert other.parts.keeper.purged == [everything_of(KENJI)]
    assert len(await _receipts(region)) == 1


async def test_replicas_at_once_write_one_receipt(region: Region, network: Replica) -> None:
    others = [await region.add_network() for _ in range(3)]
    await say_order(region, KENJI, origin="tokyo")

    await asyncio.gather(*(replica.parts.erasures.turn() for replica in (network, *others) if replica.parts))

    assert len(await _receipts(region)) == 1


async def test_what_was_under_way_when_it_was_ordered_is_purged_when_it_is_met(
    region: Region, network: Replica, parts: NetworkParts
) -> None:
    await say_order(region, KENJI, origin="tokyo")
    await parts.erasures.turn()
    parts.keeper.purged.clear()

    late = PostPublished(post_id=derive("tokyo", "post"), body="Too late")
    await region.assert_fact(late, actor=KENJI, origin="tokyo")
    await parts.erasures.turn()
    await parts.erasures.turn()

    assert parts.keeper.purged == [everything_of(KENJI)]


async def test_every_replica_holds_what_a_rebuild_from_the_log_gives(
    region: Region, network: Replica, parts: NetworkParts
) -> None:
    await say_order(region, KENJI, origin="tokyo")
    await parts.erasures.turn()
    await region.settle()

    assert await region.rebuilt(network_projection(), "rebuilt") == await network.digest()
