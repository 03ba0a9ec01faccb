"""When a region reports how far it has come, and when it says nothing."""

from __future__ import annotations

import asyncio

from samverka.feed.v1.feed_events_pb2 import PostPublished
from samverka.network.v1.network_events_pb2 import RegionReported
from services.chassis.eventlog.port import Position
from services.chassis.ids import derive, region_actor
from tests.feed.calls import publish
from tests.network.facts import say_report
from tests.support.services import REGION, Member, NetworkParts, Region, Replica


async def _reports(region: Region) -> list[RegionReported]:
    reports = []
    for event in await region.events(RegionReported):
        if event.origin == REGION:
            assert event.actor == region_actor(REGION)
            reports.append(RegionReported.FromString(event.payload.value))
    return reports


async def test_an_empty_log_is_not_reported(region: Region, network: Replica, parts: NetworkParts) -> None:
    await parts.reporting.turn()
    assert await _reports(region) == []


async def test_a_region_without_peers_reports_to_nobody(region: Region, anna: Member) -> None:
    alone = (await region.add_network()).parts
    assert alone is not None
    await publish(anna)
    await region.settle()
    await alone.reporting.turn()
    assert await _reports(region) == []


async def test_content_is_reported_with_every_origins_position(
    region: Region, network: Replica, parts: NetworkParts, anna: Member
) -> None:
    author = derive("tokyo", "kenji")
    post = PostPublished(post_id=derive("tokyo", "post"), body="Hello")
    sequence = await region.assert_fact(post, actor=author, origin="tokyo")

    await parts.reporting.turn()

    [report] = await _reports(region)
    assert report.region == REGION
    assert report.applied_sequence == sequence
    assert {held.origin: held.sequence for held in report.origins} == {REGION: sequence - 1, "tokyo": sequence}


async def test_reports_are_five_seconds_apart_and_only_where_there_is_something_new(
    region: Region, network: Replica, parts: NetworkParts, anna: Member
) -> None:
    for _ in range(20):
        await parts.reporting.turn()
        region.clock.advance(1)
    assert len(await _reports(region)) == 1

    await publish(anna, "One")
    await region.settle()
    await parts.reporting.turn()
    await publish(anna, "Two")
    await region.settle()
    for expected in (2, 2, 2, 2, 2, 3, 3):
        await parts.reporting.turn()
        assert len(await _reports(region)) == expected
        region.clock.advance(1)


async def test_a_clock_that_is_set_back_silences_nobody_and_hurries_nobody(
    region: Region, network: Replica, parts: NetworkParts, anna: Member
) -> None:
    await parts.reporting.turn()
    region.clock.step(-86_400)
    for expected in (1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3):
        await publish(anna)
        await region.settle()
        await parts.reporting.turn()
        assert len(await _reports(region)) == expected
        region.clock.advance(1)


async def test_reports_do_not_answer_reports(region: Region, network: Replica, parts: NetworkParts) -> None:
    for _ in range(5):
        await say_report(region, "tokyo", stockholm=1)
        region.clock.advance(10)
        await parts.reporting.turn()
    assert await _reports(region) == []


async def test_what_arrives_while_a_report_is_written_is_reported_too(
    region: Region, network: Replica, parts: NetworkParts, anna: Member
) -> None:
    await region.settle()
    content = await region.log.last_sequence()
    before_it = RegionReported(region=REGION, applied_sequence=content - 1)  # decided before the content, and behind it
    await region.assert_fact(before_it, actor=region_actor(REGION), service="network", owner=REGION)
    region.clock.advance(10)

    await parts.reporting.turn()

    assert [report.applied_sequence >= content for report in await _reports(region)] == [False, True]


async def test_replicas_at_once_report_once(region: Region, network: Replica, anna: Member) -> None:
    others = [await region.add_network() for _ in range(3)]
    await region.settle()

    await asyncio.gather(*(replica.parts.reporting.turn() for replica in (network, *others) if replica.parts))

    assert len(await _reports(region)) == 1
    await region.settle()
    assert network.runner.position == Position(region.log.epoch, await region.log.last_sequence())
