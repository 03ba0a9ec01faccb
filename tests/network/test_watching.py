"""Who watches the network is shown it now, and again when it has changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress

import pytest

from samverka.network.v1.network_views_pb2 import LinkState
from services.chassis import limits
from services.chassis.errors import Exhausted
from services.network import watching
from tests.support.services import NetworkParts

PATIENCE_SECONDS = 60


@pytest.fixture
async def looking(parts: NetworkParts, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[NetworkParts]:
    """The parts, while the network is looked at all the time."""
    monkeypatch.setattr(watching, "LOOK_SECONDS", 0.001)
    task = asyncio.create_task(parts.watch.run())
    yield parts
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_it_comes_at_once_and_again_when_a_link_changes(looking: NetworkParts) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS), aclosing(looking.watch.watch()) as networks:
        first = await anext(networks)
        assert {peer.state for peer in first.peers} == {LinkState.LINK_STATE_NEVER}

        looking.keeper.hears("tokyo", pending=3)
        await looking.sources.turn()
        second = await anext(networks)

    assert [peer.events_behind for peer in second.peers if peer.region == "tokyo"] == [3]


async def test_that_a_good_link_was_heard_again_is_no_news(looking: NetworkParts) -> None:
    looking.keeper.hears("tokyo", silent_seconds=0.9)
    await looking.sources.turn()
    async with asyncio.timeout(PATIENCE_SECONDS), aclosing(looking.watch.watch()) as networks:
        await anext(networks)
        looking.keeper.hears("tokyo", silent_seconds=0.1)
        await looking.sources.turn()
        looking.keeper.hears("tokyo", silent_seconds=0.1, pending=1)
        await looking.sources.turn()

        assert [peer.events_behind for peer in (await anext(networks)).peers] == [0, 1]


async def test_no_more_watch_than_may(parts: NetworkParts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "WATCHERS_MAX", 1)
    async with aclosing(parts.watch.watch()) as one:
        await anext(one)
        with pytest.raises(Exhausted):
            await anext(parts.watch.watch())
    async with aclosing(parts.watch.watch()) as again:
        assert await anext(again)
