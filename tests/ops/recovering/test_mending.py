"""A log that lost its end gets it back from its peers, on real servers that are linked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from ops.failure import Failure
from samverka.network.v1.network_events_pb2 import ErasureOrdered
from services.chassis.eventlog.keeping import StreamKeeper
from services.chassis.ids import derive, region_actor
from tests.ops.recovering.offices import Office
from tests.support.linked import LinkedRegions, linked_regions

OSLO, BERGEN, NARVIK = "oslo", "bergen", "narvik"


@pytest.fixture
async def network(tmp_path: Path) -> AsyncIterator[LinkedRegions]:
    async with AsyncExitStack() as stack:
        yield await stack.enter_async_context(linked_regions(tmp_path, OSLO, BERGEN, NARVIK))


@pytest.fixture
async def oslo(network: LinkedRegions, tmp_path: Path) -> Office:
    office = Office(network, OSLO, tmp_path)
    await office.share_with(BERGEN)
    return office


@pytest.fixture
async def bergen(network: LinkedRegions, tmp_path: Path) -> Office:
    office = Office(network, BERGEN, tmp_path)
    await office.share_with(OSLO)
    return office


async def _lose(oslo: Office, *holders: Office) -> None:
    """Let Oslo lose three entries that its peers hold, and write one of its own under a number of theirs."""
    await oslo.post("a", "b")
    oslo.save()
    await oslo.post("c", "d")
    await oslo.edit("c", "C")
    for holder in holders:
        await holder.arrived(oslo)
    oslo.lose()


async def _agree(oslo: Office, bergen: Office, directory: Path) -> list[tuple[str, bool]]:
    """See that both show the same of Oslo, and return Oslo's posts as Oslo shows them."""
    await bergen.arrived(oslo)
    (mine, posts), (theirs, _) = await oslo.shown(directory), await bergen.shown(directory)
    assert mine[OSLO] == theirs[OSLO]
    return posts


async def test_what_was_lost_comes_back_before_what_was_written_since(
    oslo: Office, bergen: Office, tmp_path: Path
) -> None:
    await _lose(oslo, bergen)
    await oslo.post("e")
    await oslo.post("here", reach="local")

    await oslo.recover_from(bergen)
    await oslo.post("f")

    assert await oslo.own() == ["a", "b", "c", "d", "C", "e", "here", "f"]
    posts = await _agree(oslo, bergen, tmp_path)
    assert oslo.refused == bergen.refused == 0
    assert sorted(posts) == [(text, text == "here") for text in ("C", "a", "b", "d", "e", "f", "here")]
    assert await oslo.plan(bergen) is None


class Killed(Exception):
    """What ends the work in its middle."""


class Mortal:
    """A keeper that is killed at a call: before it is carried out."""

    def __init__(self, keeper: StreamKeeper, *, calls: int) -> None:
        self._keeper = keeper
        self._calls = calls

    def __getattr__(self, name: str) -> Any:
        if not self._calls:
            raise Killed
        self._calls -= 1
        return getattr(self._keeper, name)


async def test_killed_at_any_step_it_is_carried_to_its_end(oslo: Office, bergen: Office, tmp_path: Path) -> None:
    await _lose(oslo, bergen)
    await oslo.post("e")
    plan = await oslo.plan(bergen)
    assert plan is not None

    calls = 0
    while calls < 100:
        try:
            await oslo.carry_out(plan, with_keeper=lambda keeper: Mortal(keeper, calls=1))
            break
        except Killed:
            calls += 1

    assert calls > len(plan.pieces)
    assert await oslo.own() == ["a", "b", "c", "d", "C", "e"]
    assert await oslo.carry_out(plan) == 0
    await oslo.post("f")
    assert [text for text, _ in await _agree(oslo, bergen, tmp_path)] == ["a", "b", "C", "d", "e", "f"]


async def test_a_service_that_writes_meanwhile_is_found_out(oslo: Office, bergen: Office) -> None:
    await _lose(oslo, bergen)
    plan = await oslo.plan(bergen)
    assert plan is not None
    with pytest.raises(Killed):
        await oslo.carry_out(plan, with_keeper=lambda keeper: Mortal(keeper, calls=3))
    await oslo.post("e")

    with pytest.raises(Failure, match="Somebody has written"):
        await oslo.carry_out(plan)
    await oslo.recover_from(bergen)  # begun again, it heeds what was written

    assert await oslo.own() == ["a", "b", "c", "d", "C", "e"]


async def test_an_erased_person_does_not_come_back(oslo: Office, bergen: Office, tmp_path: Path) -> None:
    eve = derive(OSLO, "person", "eve")
    await oslo.post("hers", author=eve)
    oslo.save()
    await oslo.post("hers too", author=eve)
    await oslo.post("c")
    order = ErasureOrdered(erasure_id=derive(OSLO, "erasure", eve), person_id=eve)
    await oslo.say(order, author=region_actor(OSLO), service="network")
    await bergen.arrived(oslo)
    oslo.lose()

    await oslo.recover_from(bergen)

    assert await oslo.own() == ["c"]
    assert await _agree(oslo, bergen, tmp_path) == [("c", False)]


async def test_peers_that_hold_more_and_less_agree_in_the_end(
    network: LinkedRegions, oslo: Office, bergen: Office, tmp_path: Path
) -> None:
    """Narvik was cut off when Oslo lost its tail, and took under its numbers what Oslo wrote then."""
    narvik = Office(network, NARVIK, tmp_path)
    await narvik.share_with(OSLO)
    await oslo.post("a")
    await narvik.arrived(oslo)
    network.link(OSLO, NARVIK).cut()
    oslo.save()
    await oslo.post("c", "d")
    await bergen.arrived(oslo)
    oslo.lose()
    network.link(OSLO, NARVIK).heal()
    await oslo.post("e", "f", "g")
    await oslo.edit("f", "F")
    await narvik.arrived(oslo)
    await bergen.arrived(oslo)

    await oslo.recover_from(bergen, narvik)
    await oslo.post("h")

    assert await oslo.own() == ["a", "c", "d", "e", "f", "g", "F", "h"]
    for peer in (bergen, narvik):
        posts = await _agree(oslo, peer, tmp_path)
        assert sorted(text for text, _ in posts) == ["F", "a", "c", "d", "e", "g", "h"]


async def test_the_word_that_it_is_mended_reaches_as_far_as_anybody_who_was_asked_held(
    oslo: Office, bergen: Office
) -> None:
    await _lose(oslo, bergen)
    plan = await oslo.recover_from(bergen)

    held = max(entry.number for entry in (await oslo.held_by(bergen)).entries() if entry.first == entry.number)
    mended = [entry for entry in await oslo.entries() if ".network." in entry.subject]
    assert len(mended) == 1
    assert plan.pieces[-1].entry_id == mended[0].message_id
    assert mended[0].sequence > plan.floor >= held
