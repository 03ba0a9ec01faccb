"""Watching what concerns oneself: it comes as it arrives, and what concerns others does not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from samverka.recognition.v1 import recognition_service_pb2 as pb
from samverka.recognition.v1.recognition_views_pb2 import RecognitionUpdate
from services.chassis.interceptors import call_metadata
from tests.recognition.calls import award, define, lead, listed, thank, withdraw
from tests.support.services import WAIT_SECONDS_MAX, Member, Region

SILENCE = "nothing else came before it"


class Watching:
    """A stream of what concerns one member."""

    def __init__(self, call: Any) -> None:
        self._answers = aiter(call)

    async def begun(self) -> Watching:
        """Wait for the answer that says after what this one brings something."""
        async with asyncio.timeout(WAIT_SECONDS_MAX):
            self.begins_after = (await anext(self._answers)).begins_after
        return self

    async def next(self) -> RecognitionUpdate:
        async with asyncio.timeout(WAIT_SECONDS_MAX):
            update: RecognitionUpdate = (await anext(self._answers)).update
            return update


@asynccontextmanager
async def watching(member: Member, *, after: str = "") -> AsyncIterator[Watching]:
    """Watch for ``member``; the replica knows of it within the block."""
    replica = member.region.recognition
    watch = replica.recognitions
    assert watch is not None
    known = watch.watchers
    metadata = call_metadata(token=member.token, after=member.region.latest)
    call = replica.recognition.WatchRecognitions(pb.WatchRecognitionsRequest(after=after), metadata=metadata)
    async with asyncio.timeout(WAIT_SECONDS_MAX):
        while watch.watchers == known and not call.done():
            await asyncio.sleep(0.001)
    try:
        yield await Watching(call).begun()
    finally:
        call.cancel()


async def test_it_comes_to_giver_receiver_and_manager_as_it_arrives(
    region: Region, anna: Member, bengt: Member, carla: Member
) -> None:
    await lead(bengt, carla.id)
    await region.settle()
    async with watching(anna) as giver, watching(bengt) as receiver, watching(carla) as manager:
        given = await thank(anna, bengt.id, private=True)
        for watch in (giver, receiver, manager):
            assert (await watch.next()).recognition == given


async def test_what_concerns_others_does_not_come(anna: Member, bengt: Member, carla: Member) -> None:
    async with watching(carla) as watch:
        await thank(anna, bengt.id)
        await withdraw(anna, (await thank(anna, bengt.id, private=True)).id)
        own = await thank(anna, carla.id)

        assert (await watch.next()).recognition_id == own.id, SILENCE


async def test_what_is_withdrawn_is_told_without_its_text(maja: Member, anna: Member, bengt: Member) -> None:
    hand = await define(maja)
    async with watching(bengt) as watch:
        given = await award(anna, hand.id, bengt.id, message="For Friday.")
        assert (await watch.next()).recognition.message == "For Friday."
        await withdraw(anna, given.id)

        told = await watch.next()
        assert (told.recognition_id, told.HasField("recognition")) == (given.id, False)


async def test_one_goes_on_from_a_cursor_without_a_gap(anna: Member, bengt: Member) -> None:
    first = await thank(anna, bengt.id)
    cursor = (await listed(bengt)).edges[0].cursor
    second = await thank(anna, bengt.id)
    await withdraw(anna, first.id)

    async with watching(bengt, after=cursor) as watch:
        assert (await watch.next()).recognition == second
        assert (await watch.next()).recognition_id == first.id


async def test_it_says_where_it_begins_behind_what_was_withdrawn_before(anna: Member, bengt: Member) -> None:
    await withdraw(anna, (await thank(anna, bengt.id)).id)
    async with watching(bengt) as watch:
        begun = watch.begins_after
    given = await thank(anna, bengt.id)

    async with watching(bengt, after=begun) as watch:
        assert (await watch.next()).recognition == given
        assert watch.begins_after == begun
