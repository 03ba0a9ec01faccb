"""Keeping a log's sources, between real servers whose link can be cut."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random

import pytest

from services.chassis.errors import Unavailable
from services.chassis.eventlog.jetstream import JetStreamLog
from services.chassis.eventlog.keeping import StreamKeeper, open_keeper
from services.chassis.eventlog.subjects import register_of
from tests.support.files import files_with
from tests.support.linked import LinkedRegions, linked_regions
from tests.support.logs import WAIT_SECONDS_MAX, collect, eventually, fill, ids_of, opened, subject

OSLO, BERGEN = "oslo", "bergen"
SOON_SECONDS_MAX = 5.0
"""For the kick to bring what was missed, which takes a fraction of a second; the server by itself takes 8.7 s and more."""
GIVEN_UP_SECONDS = 12.0
"""After ten, the server gives its source up; before, it goes on by itself, and a kick that does nothing is not found."""


class Pair:
    """Two linked regions with their logs, and the keeper of Bergen's."""

    def __init__(self, network: LinkedRegions, oslo: JetStreamLog, bergen: JetStreamLog, keeper: StreamKeeper) -> None:
        self.network = network
        self.oslo = oslo
        self.bergen = bergen
        self.keeper = keeper

    def cut(self) -> None:
        self.network.link(OSLO, BERGEN).cut()

    def heal(self) -> None:
        self.network.link(OSLO, BERGEN).heal()

    async def arrived(self, entries: int, *, seconds: float = WAIT_SECONDS_MAX) -> None:
        async def all_there() -> bool:
            return await self.bergen.last_sequence() >= entries

        await eventually(all_there, seconds=seconds)

    async def is_reachable(self) -> bool:
        return await self.keeper.last_sequence_of(OSLO) is not None

    async def is_unreachable(self) -> bool:
        return not await self.is_reachable()

    async def is_given_up(self) -> bool:
        return ((await self.keeper.look())[OSLO].silent_seconds or 0) > GIVEN_UP_SECONDS


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[Pair]:
    async with AsyncExitStack() as stack:
        network = await stack.enter_async_context(linked_regions(tmp_path, OSLO, BERGEN))
        oslo = await stack.enter_async_context(opened(network.url(OSLO), OSLO))
        bergen = await stack.enter_async_context(opened(network.url(BERGEN), BERGEN))
        keeper = await open_keeper(url=network.url(BERGEN), region=BERGEN, entropy=Random(0).randbytes)
        stack.push_async_callback(keeper.close)
        pair = Pair(network, oslo, bergen, keeper)
        await eventually(pair.is_reachable)  # a source that is made before looks again half a minute later
        yield pair


async def test_a_source_brings_what_may_leave_its_region_and_nothing_else(pair: Pair) -> None:
    await fill(pair.oslo, OSLO, 3)
    await pair.oslo.append("secret", subject(OSLO, reach="local"), b"")
    await fill(pair.oslo, OSLO, 2, owner="bengt")

    assert await pair.keeper.keep([OSLO])
    await pair.arrived(5)

    assert ids_of(await collect(pair.bergen, 5)) == ["anna-1", "anna-2", "anna-3", "bengt-1", "bengt-2"]
    assert (await pair.keeper.look())[OSLO].sequence == 6


async def test_sources_are_changed_only_where_they_differ(pair: Pair) -> None:
    assert await pair.keeper.keep([OSLO, "trondheim"])
    assert not await pair.keeper.keep(["trondheim", OSLO])
    assert await pair.keeper.keep([OSLO])
    assert set(await pair.keeper.look()) == {OSLO}
    assert await pair.keeper.keep([])
    assert await pair.keeper.look() == {}


async def test_a_peer_tells_where_its_log_ends_and_only_while_it_can_be_reached(pair: Pair) -> None:
    await fill(pair.oslo, OSLO, 4)
    told: set[int | None] = set()

    async def it_tells() -> bool:
        told.add(await pair.keeper.last_sequence_of(OSLO))
        return told != {None}

    await eventually(it_tells)
    assert told <= {4, None}

    pair.cut()
    await eventually(pair.is_unreachable)

    pair.heal()
    await eventually(pair.is_reachable)


async def test_a_kick_brings_what_was_missed_at_once_each_once_and_in_order(pair: Pair) -> None:
    await fill(pair.oslo, OSLO, 3)
    await pair.keeper.keep([OSLO])
    await pair.arrived(3)
    pair.cut()
    await fill(pair.oslo, OSLO, 500, owner="bengt")
    await eventually(pair.is_given_up)
    pair.heal()
    await eventually(pair.is_reachable)

    await pair.keeper.kick(OSLO)
    await pair.arrived(503, seconds=SOON_SECONDS_MAX)

    arrived = ids_of(await collect(pair.bergen, 503))
    assert arrived == [f"anna-{n}" for n in (1, 2, 3)] + [f"bengt-{n}" for n in range(1, 501)]


async def test_a_purge_removes_one_register_and_the_source_goes_on(pair: Pair) -> None:
    await fill(pair.oslo, OSLO, 3)
    await fill(pair.oslo, OSLO, 2, owner="bengt")
    await pair.keeper.keep([OSLO])
    await pair.arrived(5)

    assert await pair.keeper.purge(register_of(OSLO, "*", "bengt")) == 2
    assert await pair.keeper.purge(register_of(OSLO, "*", "bengt")) == 0
    await pair.keeper.kick(OSLO)  # it begins behind what is left: what was purged here may come again
    await pair.oslo.append("carin-1", subject(OSLO, "carin"), b"")

    async def carin_is_there() -> bool:
        return await pair.bergen.last_sequence(register_of(OSLO, "*", "carin")) > 0

    await eventually(carin_is_there)
    assert await pair.bergen.last_sequence(register_of(OSLO, "*", "anna"))


async def test_what_is_purged_is_overwritten_on_the_disk(pair: Pair, tmp_path: Path) -> None:
    def holds(text: bytes) -> bool:
        return any(files_with(text, tmp_path / BERGEN / "store"))

    for number in range(20):
        for owner in ("anna", "bengt"):
            await pair.bergen.append(f"{owner}-{number}", subject(BERGEN, owner), f"what {owner} wrote".encode())
    assert holds(b"what bengt wrote"), "the test proves nothing"

    assert await pair.keeper.purge(register_of(BERGEN, "*", "bengt")) == 20

    assert not holds(b"what bengt wrote")
    assert holds(b"what anna wrote")


async def test_a_server_that_is_gone_is_told(pair: Pair) -> None:
    pair.network.servers[BERGEN].kill()

    with pytest.raises(Unavailable):
        await pair.keeper.look()
