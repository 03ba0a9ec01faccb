"""The network service over gRPC: who may ask what, and what they are told."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf.message import Message
from hypothesis import given
from hypothesis import strategies as st

from samverka.feed.v1.feed_events_pb2 import PostPublished
from samverka.network.v1 import network_service_pb2 as pb
from samverka.network.v1.network_events_pb2 import ErasureOrdered
from samverka.network.v1.network_views_pb2 import Erasure, ErasureState, LinkState, Network, Peer
from services.chassis.clock import ManualClock
from services.chassis.deciding import Decide, Intent, Outcome
from services.chassis.envelope import seal
from services.chassis.errors import Forbidden, Invalid, NotFound
from services.chassis.eventlog.port import Position, Source
from services.chassis.ids import derive, region_actor
from services.network.domain.alarms import REFUSED_HOLDS_SECONDS
from services.network.domain.erasures import erasure_id, everything_of
from tests.feed.calls import publish
from tests.network.facts import say_loss, say_mended, say_receipt, say_report
from tests.support.anything import anything_in
from tests.support.fuzzing import FUZZED, RAW, require_a_decent_end, require_a_decent_end_of_bytes
from tests.support.services import REGION, Member, NetworkParts, Region, Replica, key, refusal

METHODS: dict[str, type[Message]] = {
    "GetNetwork": pb.GetNetworkRequest,
    "OrderErasure": pb.OrderErasureRequest,
    "GetErasure": pb.GetErasureRequest,
}
STREAMS = {"WatchNetwork"}
SERVICE = "samverka.network.v1.NetworkService"
DONE, WAITING = ErasureState.ERASURE_STATE_DONE, ErasureState.ERASURE_STATE_WAITING


async def _network(member: Member, replica: Replica) -> Network:
    network: Network = (await member.ask(replica.network.GetNetwork, pb.GetNetworkRequest())).network
    return network


async def _peer(member: Member, replica: Replica, region: str) -> Peer:
    [peer] = [peer for peer in (await _network(member, replica)).peers if peer.region == region]
    return peer


async def _alarms(member: Member, replica: Replica) -> list[tuple[str, str]]:
    return [(alarm.code, alarm.region) for alarm in (await _network(member, replica)).alarms]


async def _order(member: Member, replica: Replica, person_id: str, *, under: str = "") -> Erasure:
    request = pb.OrderErasureRequest(context=key(under), person_id=person_id)
    erasure: Erasure = (await member.ask(replica.network.OrderErasure, request)).erasure
    return erasure


async def _erasure(member: Member, replica: Replica, **by: Any) -> Erasure:
    erasure: Erasure = (await member.ask(replica.network.GetErasure, pb.GetErasureRequest(**by))).erasure
    return erasure


def _states(erasure: Erasure) -> dict[str, Any]:
    return {region.region: region.state for region in erasure.regions}


async def test_a_peer_is_shown_with_its_link_and_what_it_says_of_us(
    region: Region, network: Replica, parts: NetworkParts, anna: Member
) -> None:
    parts.keeper.hears("tokyo", sequence=9, pending=4)
    parts.keeper.hears("austin", silent_seconds=None)
    await parts.sources.turn()
    await say_report(region, "tokyo", stockholm=2, austin=5)

    tokyo, austin = await _peer(anna, network, "tokyo"), await _peer(anna, network, "austin")

    assert (tokyo.state, tokyo.events_behind, tokyo.holds_of_ours) == (LinkState.LINK_STATE_CONNECTED, 4, 2)
    assert tokyo.held_sequence == await region.log.last_sequence()
    assert tokyo.reported_at_ms == region.clock.wall_ms()
    assert (austin.state, austin.holds_of_ours) == (LinkState.LINK_STATE_NEVER, 0)
    assert not austin.HasField("events_behind")


async def test_why_events_were_refused_is_for_admins_and_how_many_for_all(
    region: Region, network: Replica, anna: Member, root: Member
) -> None:
    assert not (await _network(root, network)).alarms
    forged = PostPublished(post_id=derive("tokyo", "post"), body="Mine")
    await region.assert_fact(forged, actor=derive("austin", "mallory"), origin="tokyo")

    assert (await _peer(anna, network, "tokyo")).refused_events == 1
    assert not (await _network(anna, network)).refusals
    [refused] = (await _network(root, network)).refusals
    assert (refused.origin, refused.reason, refused.events) == ("tokyo", "owner", 1)
    assert [alarm.code for alarm in (await _network(anna, network)).alarms] == ["events_refused"]


async def test_refused_events_are_an_alarm_for_an_hour_also_after_a_restart_that_lost_the_tables(
    region: Region, network: Replica, anna: Member
) -> None:
    forged = PostPublished(post_id=derive("tokyo", "post"), body="Mine")
    await region.assert_fact(forged, actor=derive("austin", "mallory"), origin="tokyo")
    region.clock.advance(REFUSED_HOLDS_SECONDS - 1)

    begun_anew = await region.add_network("tokyo")
    assert await _alarms(anna, begun_anew) == [("events_refused", "tokyo")]
    region.clock.advance(2)
    for replica in network, begun_anew:
        assert ("events_refused", "tokyo") not in await _alarms(anna, replica)


async def test_what_came_from_another_s_stream_than_it_says_is_an_alarm_about_the_sender(
    region: Region, network: Replica, anna: Member
) -> None:
    forged = PostPublished(post_id=derive("austin", "post"), body="Mine")
    author = derive("austin", "mallory")
    data = seal(forged, event_id="austin_1", origin="austin", actor=author, occurred_at=1)
    source = Source("EV_TOKYO", 1)
    sequence = await region.log.receive("austin_1", f"ev.austin.pub.feed.{author}", data, source=source)
    await network.reach(Position(region.log.epoch, sequence))

    assert await _alarms(anna, network) == [("events_refused", "tokyo")]


async def test_a_clock_that_is_ahead_is_an_alarm(region: Region, network: Replica, anna: Member) -> None:
    here = region.clock
    region.clock = ManualClock(here.wall_ms() + 61_000)  # by which Tokyo says what time it is
    await say_report(region, "tokyo", stockholm=1)

    assert [(alarm.code, alarm.region) for alarm in (await _network(anna, network)).alarms] == [
        ("clock_ahead", "tokyo")
    ]


async def test_a_clock_that_is_ahead_still_is_after_a_restart(region: Region, anna: Member) -> None:
    here = region.clock
    region.clock = ManualClock(here.wall_ms() + 61_000)
    await say_report(region, "tokyo", stockholm=1)
    region.clock = here

    assert await _alarms(anna, await region.add_network("tokyo")) == [("clock_ahead", "tokyo")]


async def test_a_lost_tail_is_an_alarm_at_every_replica_until_it_is_mended_that_far(
    region: Region, network: Replica, parts: NetworkParts, anna: Member
) -> None:
    parts.keeper.hears("tokyo", sequence=100)
    parts.keeper.ends["tokyo"] = 90
    await parts.sources.turn()
    assert await _alarms(anna, network) == [("lost_tail", "tokyo")]
    await parts.telling.turn()

    restarted = await region.add_network("tokyo")
    assert await _alarms(anna, restarted) == [("lost_tail", "tokyo")]
    await say_mended(region, through=99, origin="tokyo")
    assert await _alarms(anna, restarted) == [("lost_tail", "tokyo")]
    await say_mended(region, through=100, origin="tokyo")
    assert [await _alarms(anna, replica) for replica in (network, restarted)] == [[], []]


async def test_the_region_that_lost_its_tail_is_told_by_those_who_hold_it(
    region: Region, network: Replica, anna: Member
) -> None:
    for finder in ("tokyo", "austin"):
        await say_loss(region, REGION, held=7, origin=finder)
    await say_loss(region, "oslo", held=7, origin="tokyo")

    [alarm] = (await _network(anna, network)).alarms
    assert (alarm.code, alarm.region) == ("lost_tail", REGION)
    assert alarm.message == f"{REGION} lost the end of its log: austin, tokyo held more of it."


@pytest.mark.usefixtures("all_services")
async def test_a_person_is_erased_by_themselves_and_every_region_is_waited_for(
    region: Region, network: Replica, parts: NetworkParts, anna: Member
) -> None:
    await publish(anna, "Hello")
    await region.settle()

    ordered = await _order(anna, network, anna.id, under="k1")
    assert (ordered.id, ordered.person_id) == (erasure_id(anna.id), anna.id)
    assert _states(ordered) == {"austin": WAITING, REGION: WAITING, "tokyo": WAITING}

    await parts.purging.turn()
    await region.forget()
    await parts.confirming.look()
    await say_receipt(region, anna.id, origin="tokyo")
    await region.settle()
    found = await _erasure(anna, network, erasure_id=ordered.id)
    assert _states(found) == {"austin": WAITING, REGION: DONE, "tokyo": DONE}
    assert {done.region for done in found.regions if done.at_ms} == {REGION, "tokyo"}
    assert found == await _erasure(anna, network, person_id=anna.id)


async def test_an_erasure_is_ordered_once_whoever_asks_again(
    region: Region, network: Replica, anna: Member, root: Member
) -> None:
    first = await _order(anna, network, anna.id)
    second = await _order(root, network, anna.id)

    assert first == second
    [event] = await region.events(ErasureOrdered)
    assert (event.actor, event.recorded_by) == (region_actor(REGION), anna.id)


async def test_who_asks_again_where_it_is_not_known_yet_is_told_of_the_same_erasure(
    region: Region, network: Replica, anna: Member, root: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    behind = await region.add_network()
    await behind.fall_behind()
    ordered = await _order(root, network, anna.id)
    region.log.purge(everything_of(anna.id))
    region.latest = ""  # they have not been told that it is ordered
    carry_out = behind.decider.carry_out

    async def go_on_and_carry_out(intent: Intent, decide: Decide, *, owner: str) -> Outcome:
        behind.go_on()
        return await carry_out(intent, decide, owner=owner)

    monkeypatch.setattr(behind.decider, "carry_out", go_on_and_carry_out)

    assert (await _order(root, behind, anna.id)).id == ordered.id
    assert len(await region.events(ErasureOrdered)) == 1


async def test_nobody_else_has_a_person_erased(region: Region, network: Replica, anna: Member, root: Member) -> None:
    assert isinstance(await refusal(_order(anna, network, root.id)), Forbidden)
    assert not await region.events(ErasureOrdered)

    await _order(root, network, anna.id)

    assert await region.events(ErasureOrdered)


async def test_a_person_is_erased_at_home(region: Region, network: Replica, root: Member) -> None:
    error = await refusal(_order(root, network, derive("tokyo", "kenji")))
    assert isinstance(error, Invalid)
    assert (error.code, error.field) == ("home_elsewhere", "person_id")


async def test_who_never_wrote_anything_is_nobody(region: Region, network: Replica, root: Member) -> None:
    error = await refusal(_order(root, network, derive(REGION, "nobody")))
    assert isinstance(error, NotFound)
    assert error.code == "person_not_found"


async def test_an_erasure_is_shown_to_the_person_and_to_admins(
    region: Region, network: Replica, anna: Member, root: Member
) -> None:
    await _order(anna, network, anna.id)
    bengt = await region.member("bengt")

    for by in ({"person_id": anna.id}, {"erasure_id": erasure_id(anna.id)}):
        assert (await _erasure(root, network, **by)).person_id == anna.id
        assert isinstance(await refusal(_erasure(bengt, network, **by)), NotFound)


@pytest.mark.parametrize("by", [{}, {"person_id": "x"}, {"erasure_id": ""}])
async def test_an_erasure_is_asked_for_by_an_id(network: Replica, root: Member, by: dict[str, str]) -> None:
    error = await refusal(_erasure(root, network, **by))
    assert isinstance(error, Invalid)
    assert error.field


def test_no_method_is_forgotten_here() -> None:
    assert set(METHODS) | STREAMS == {m.name for m in pb.DESCRIPTOR.services_by_name["NetworkService"].methods}


@pytest.mark.parametrize("method", METHODS)
@FUZZED
@given(data=st.data())
async def test_anything_in_any_field_is_answered_or_refused_by_name(
    network: Replica, anna: Member, root: Member, method: str, data: st.DataObject
) -> None:
    request = data.draw(anything_in(METHODS[method], anna.id, erasure_id(anna.id)))

    await require_a_decent_end(root, getattr(network.network, method), request)


@pytest.mark.parametrize("method", METHODS)
async def test_bytes_that_are_no_request_are_refused(network: Replica, anna: Member, method: str) -> None:
    for raw in RAW:
        await require_a_decent_end_of_bytes(anna, network.channel, f"/{SERVICE}/{method}", raw)
