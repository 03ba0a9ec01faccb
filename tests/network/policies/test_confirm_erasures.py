"""A region's receipt is written when its log and all its services have forgotten the person, and once."""

from __future__ import annotations

import asyncio

import pytest

from samverka.network.v1.network_events_pb2 import ErasureCarriedOut
from services.chassis.ids import derive
from services.network.domain.erasures import HOLDERS, LOG, erasure_id
from services.network.projections import network_projection
from tests.network.facts import say_order
from tests.support.services import REGION, NetworkParts, Region, Replica

KENJI = derive("tokyo", "kenji")
pytestmark = pytest.mark.usefixtures("all_services")
SERVICES = [holder for holder in HOLDERS if holder != LOG]


async def _receipts(region: Region) -> list[ErasureCarriedOut]:
    await region.settle()
    return [ErasureCarriedOut.FromString(event.payload.value) for event in await region.events(ErasureCarriedOut)]


async def test_when_all_have_forgotten_the_region_says_so(
    region: Region, network: Replica, parts: NetworkParts
) -> None:
    await say_order(region, KENJI, origin="tokyo")
    await parts.purging.turn()
    await region.forget()

    for _ in range(3):
        await parts.confirming.look()

    assert await _receipts(region) == [ErasureCarriedOut(erasure_id=erasure_id(KENJI), region=REGION, purged_events=1)]


@pytest.mark.parametrize("missing", HOLDERS)
async def test_while_anybody_has_not_forgotten_there_is_no_receipt(
    region: Region, network: Replica, parts: NetworkParts, missing: str
) -> None:
    await say_order(region, KENJI, origin="tokyo")
    if missing != LOG:
        await parts.purging.turn()
    await region.forget(*(service for service in SERVICES if service != missing))

    await parts.confirming.look()

    assert await _receipts(region) == []


async def test_a_service_that_is_behind_is_waited_for(region: Region, network: Replica, parts: NetworkParts) -> None:
    await region.feed.fall_behind()
    region.replicas.remove(behind := region.feed)
    await say_order(region, KENJI, origin="tokyo")
    await parts.purging.turn()
    await region.forget()
    await behind.forgetting.look()  # it has not met the order

    await parts.confirming.look()
    assert await _receipts(region) == []

    behind.go_on()
    region.replicas.insert(1, behind)
    await region.settle()
    await region.forget()
    await parts.confirming.look()
    assert len(await _receipts(region)) == 1


async def test_replicas_at_once_write_one_receipt(region: Region, network: Replica) -> None:
    others = [await region.add_network() for _ in range(3)]
    await say_order(region, KENJI, origin="tokyo")
    parts = [replica.parts for replica in (network, *others) if replica.parts]
    await parts[0].purging.turn()
    await region.forget()

    await asyncio.gather(*(one.confirming.look() for one in parts))

    assert len(await _receipts(region)) == 1


async def test_every_replica_holds_what_a_rebuild_from_the_log_gives(
    region: Region, network: Replica, parts: NetworkParts
) -> None:
    await say_order(region, KENJI, origin="tokyo")
    await parts.purging.turn()
    await region.forget()
    await parts.confirming.look()
    await region.settle()

    assert await region.rebuilt(network_projection(), "rebuilt") == await network.digest()
