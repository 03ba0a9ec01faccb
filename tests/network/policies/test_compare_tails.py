"""A region finds out by what its peers report that its log is not what it was, however much it has written since."""

from __future__ import annotations

import pytest

from samverka.network.v1.network_events_pb2 import LostTailFound, OriginPosition, RegionReported
from services.chassis.errors import Unavailable
from services.chassis.eventlog.port import Entry
from services.network.domain.alarms import LOST_TAIL
from tests.feed.calls import publish
from tests.network.facts import say, say_mended
from tests.support.services import REGION, Member, NetworkParts, Region, Replica


async def _own_entry(region: Region, anna: Member) -> Entry:
    """Return an entry of the region's own."""
    entry = await region.log.read(f"ev.{REGION}.pub.directory.{anna.id}")
    assert entry is not None
    return entry


async def _say_held(region: Region, sequence: int, entry_id: str, *, peer: str = "tokyo") -> None:
    held = OriginPosition(origin=REGION, sequence=sequence, entry_id=entry_id)
    await say(region, peer, RegionReported(region=peer, origins=[held], applied_sequence=1))


async def _found(region: Region) -> list[tuple[str, str, int]]:
    told = [LostTailFound.FromString(event.payload.value) for event in await region.events(LostTailFound)]
    return [(loss.region, loss.peer, loss.held_sequence) for loss in told]


async def test_another_entry_under_a_reported_number_is_a_lost_tail_found_once(
    region: Region, network: Replica, parts: NetworkParts, anna: Member
) -> None:
    mine = await _own_entry(region, anna)
    await _say_held(region, mine.sequence, f"{REGION}_lost")
    await _say_held(region, mine.sequence, f"{REGION}_lost", peer="austin")
    for _ in range(2):
        await parts.comparing.turn()
        await region.settle()

    assert await _found(region) == [(REGION, REGION, mine.sequence)]
    alarm = next(alarm for alarm in parts.watch.network().alarms if alarm.code == LOST_TAIL)
    assert (alarm.region, "other entries" in alarm.message) == (REGION, True)


async def test_the_same_entry_is_none_nor_one_that_is_gone_nor_one_that_is_not_named(
    region: Region, network: Replica, parts: NetworkParts, anna: Member
) -> None:
    mine = await _own_entry(region, anna)
    await _say_held(region, mine.sequence, mine.message_id)
    await parts.comparing.turn()
    await _say_held(region, mine.sequence, "")
    await parts.comparing.turn()
    await _say_held(region, await region.log.last_sequence() + 100, f"{REGION}_lost")
    await parts.comparing.turn()
    region.log.purge(mine.subject)
    await _say_held(region, mine.sequence, f"{REGION}_lost")
    await parts.comparing.turn()

    assert await _found(region) == []


async def test_a_report_is_compared_again_if_the_log_did_not_answer(
    region: Region, network: Replica, parts: NetworkParts, anna: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = await _own_entry(region, anna)
    await _say_held(region, mine.sequence, f"{REGION}_lost")

    async def fail(*_: object, **__: object) -> None:
        raise Unavailable("The log does not answer.", code="log_unavailable")

    with monkeypatch.context() as failing:
        failing.setattr(region.log, "read", fail)
        with pytest.raises(Unavailable):
            await parts.comparing.turn()
    assert await _found(region) == []
    await parts.comparing.turn()

    assert await _found(region) == [(REGION, REGION, mine.sequence)]


async def test_what_was_mended_is_no_loss_any_more(
    region: Region, network: Replica, parts: NetworkParts, anna: Member
) -> None:
    mine = await _own_entry(region, anna)
    await say_mended(region, through=mine.sequence, origin=REGION)
    await _say_held(region, mine.sequence, f"{REGION}_lost")
    await parts.comparing.turn()

    assert await _found(region) == []


async def test_a_report_names_the_entry_that_is_held(
    region: Region, network: Replica, parts: NetworkParts, anna: Member
) -> None:
    await publish(anna)
    await parts.reporting.turn()
    [report] = [RegionReported.FromString(event.payload.value) for event in await region.events(RegionReported)]
    [held] = [position for position in report.origins if position.origin == REGION]
    entry = await region.log.read("", after=held.sequence - 1)

    assert entry is not None
    assert (held.sequence, held.entry_id) == (entry.sequence, entry.message_id)
