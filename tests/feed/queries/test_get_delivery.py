"""Where a post has arrived, as its author sees it."""

from __future__ import annotations

import pytest

from samverka.feed.v1 import feed_service_pb2 as pb
from samverka.feed.v1.feed_views_pb2 import REACH_LOCAL, Delivery, DeliveryState
from samverka.network.v1.network_events_pb2 import OriginPosition, RegionReported
from services.chassis.ids import region_actor
from services.feed.projections import feed_projection
from services.feed.projections.deliveries import POSITIONS_KEPT_MAX
from services.feed.queries.get_delivery import get_delivery
from tests.feed.calls import delete, publish
from tests.support.services import REGION, Member, Region, person_id
from tests.support.tables import Tables, an_id, plans, scans

ARRIVED, WAITING = DeliveryState.DELIVERY_STATE_ARRIVED, DeliveryState.DELIVERY_STATE_WAITING


async def _delivery(member: Member, post_id: str) -> list[Delivery]:
    answer = await member.ask(member.region.feed.feed.GetDelivery, pb.GetDeliveryRequest(post_id=post_id))
    return list(answer.regions)


def _report(region: str, sequence: int) -> RegionReported:
    return RegionReported(region=region, origins=[OriginPosition(origin=REGION, sequence=sequence)])


async def _says(region: Region, peer: str, sequence: int) -> int:
    """Let a peer report how far it has come with this region, and return when."""
    await region.assert_fact(
        _report(peer, sequence), actor=region_actor(peer), origin=peer, service="network", owner=peer
    )
    return region.clock.wall_ms()


async def test_a_post_waits_until_a_report_covers_it(region: Region, anna: Member) -> None:
    await _says(region, "tokyo", 1)
    await _says(region, "austin", 1)
    post = await publish(anna)
    written = await region.log.last_sequence()
    assert await _delivery(anna, post.id) == [
        Delivery(region="austin", state=WAITING),
        Delivery(region="tokyo", state=WAITING),
    ]

    await _says(region, "tokyo", written - 1)
    at_ms = await _says(region, "tokyo", written)
    await _says(region, "tokyo", written + 5)

    assert await _delivery(anna, post.id) == [
        Delivery(region="austin", state=WAITING),
        Delivery(region="tokyo", state=ARRIVED, at_ms=at_ms),
    ]


async def test_what_stays_in_its_region_arrives_nowhere(region: Region, anna: Member) -> None:
    post = await publish(anna, reach=REACH_LOCAL)
    await publish(anna)
    await _says(region, "tokyo", await region.log.last_sequence())

    assert await _delivery(anna, post.id) == []


async def test_when_it_arrived_is_not_guessed(region: Region, anna: Member) -> None:
    post = await publish(anna)
    await _says(region, "tokyo", await region.log.last_sequence() + 1)

    [tokyo] = await _delivery(anna, post.id)

    assert (tokyo.state, tokyo.at_ms) == (ARRIVED, 0)


async def test_nobody_but_the_author_is_told(region: Region, anna: Member, bengt: Member) -> None:
    await _says(region, "tokyo", 1)
    post = await publish(anna)

    assert await _delivery(anna, post.id)
    assert await _delivery(bengt, post.id) == []
    assert await _delivery(anna, person_id("none")) == []
    await delete(anna, post.id)
    assert await _delivery(anna, post.id) == []


@pytest.mark.parametrize(
    ("said", "actor", "owner"),
    [
        (_report("austin", 9), region_actor("tokyo"), "tokyo"),
        (_report("tokyo", 9), an_id("kenji", region="tokyo"), an_id("kenji", region="tokyo")),
        (_report("tokyo", 2**63), region_actor("tokyo"), "tokyo"),
    ],
)
def test_a_region_reports_of_itself_alone(said: RegionReported, actor: str, owner: str) -> None:
    tables = Tables(feed_projection())
    assert not tables.apply(said, actor=actor, owner=owner)


def test_only_the_latest_reports_are_kept() -> None:
    tables = Tables(feed_projection())
    for sequence in range(1, 3 * POSITIONS_KEPT_MAX):
        for peer in ("tokyo", "austin"):
            for _ in range(2):
                assert tables.apply(_report(peer, sequence), actor=region_actor(peer), owner=peer)

    kept = tables.rows("select region, count(*), max(position) from peer_positions group by region order by region")
    last = 3 * POSITIONS_KEPT_MAX - 1
    assert kept == [("austin", POSITIONS_KEPT_MAX, last), ("tokyo", POSITIONS_KEPT_MAX, last)]


async def test_it_reads_no_post_but_one(region: Region, anna: Member) -> None:
    post = await publish(anna)
    await _says(region, "tokyo", 5)

    def asked(db: object) -> list[list[str]]:
        return plans(db, lambda inner: get_delivery(inner, post.id, viewer=anna.id, region=REGION))  # type: ignore[arg-type]

    found = await region.feed.runner.store.read(asked)
    assert not any("posts" in step for plan in found for step in scans(plan))
