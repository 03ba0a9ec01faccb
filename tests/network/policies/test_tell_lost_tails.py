"""Lost tails are written down once, and not before the log takes it."""

from __future__ import annotations

import pytest

from samverka.network.v1.network_events_pb2 import LostTailFound
from services.chassis.errors import Unavailable
from tests.network.facts import say_mended
from tests.support.services import REGION, NetworkParts, Region, Replica


async def _found(region: Region) -> list[tuple[str, str, int]]:
    told = [LostTailFound.FromString(event.payload.value) for event in await region.events(LostTailFound)]
    return [(loss.region, loss.peer, loss.held_sequence) for loss in told]


async def _lose(parts: NetworkParts, *, held: int = 100, last: int = 90) -> None:
    parts.keeper.hears("tokyo", sequence=held)
    parts.keeper.ends["tokyo"] = last
    await parts.sources.turn()


async def test_it_is_written_down_once_however_often_it_is_seen(
    region: Region, network: Replica, parts: NetworkParts
) -> None:
    await _lose(parts)
    for _ in range(3):
        await parts.telling.turn()
        region.clock.advance(60)
        await parts.sources.turn()

    assert await _found(region) == [(REGION, "tokyo", 100)]


async def test_what_the_log_does_not_take_is_told_later(
    region: Region, network: Replica, parts: NetworkParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _lose(parts)

    async def fail(*_: object, **__: object) -> int:
        raise Unavailable("The log does not answer.", code="log_unavailable")

    with monkeypatch.context() as failing:
        failing.setattr(region.log, "append", fail)
        with pytest.raises(Unavailable):
            await parts.telling.turn()
    await parts.telling.turn()

    assert await _found(region) == [(REGION, "tokyo", 100)]


async def test_another_loss_behind_what_was_mended_is_told_and_none_before_it(
    region: Region, network: Replica, parts: NetworkParts
) -> None:
    await say_mended(region, through=100, origin="tokyo")
    await _lose(parts)
    await parts.telling.turn()
    assert await _found(region) == []

    region.clock.advance(60)
    await _lose(parts, held=101)
    await parts.telling.turn()

    assert await _found(region) == [(REGION, "tokyo", 101)]
