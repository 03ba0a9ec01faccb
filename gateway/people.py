"""What the gateway remembers of people: that they are known to the node, and how far their own writes have come."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from cachetools import TTLCache

from gateway import limits
from services.chassis.clock import Clock
from services.chassis.eventlog.port import Position

Key = TypeVar("Key")
Value = TypeVar("Value")


class Shared(Generic[Key, Value]):
    """Callers who want the same at the same time share one piece of work."""

    def __init__(self) -> None:
        self._under_way: dict[Key, asyncio.Future[Value]] = {}

    async def run(self, key: Key, work: Callable[[], Awaitable[Value]]) -> Value:
        """Return what ``work`` returns or raise what it raises, whoever began it; begun anew if they were cancelled."""
        while (pending := self._under_way.get(key)) is not None:
            await asyncio.wait([pending])
            if not pending.cancelled():
                return pending.result()
        pending = self._under_way[key] = asyncio.get_running_loop().create_future()
        try:
            value = await work()
        except Exception as error:
            pending.set_exception(error)
            pending.exception()  # looked at, so that nobody is warned if nobody waits
            raise
        except BaseException:
            pending.cancel()
            raise
        else:
            pending.set_result(value)
            return value
        finally:
            del self._under_way[key]


class KnownPeople:
    """Who has been made known already; the others are, once, by ``make_known``."""

    def __init__(
        self,
        *,
        clock: Clock,
        people_max: int = limits.PEOPLE_KNOWN_MAX,
        kept_seconds: float = limits.PEOPLE_KNOWN_SECONDS,
    ) -> None:
        self._known: TTLCache[str, bool] = TTLCache(people_max, kept_seconds, timer=clock.monotonic_seconds)
        self._shared: Shared[str, None] = Shared()

    async def ensure(self, person_id: str, make_known: Callable[[], Awaitable[None]]) -> None:
        """Return once the person is known; raises what ``make_known`` raises, and tries again the next time."""
        if person_id not in self._known:
            await self._shared.run(person_id, make_known)
            self._known[person_id] = True

    def forget(self, person_id: str) -> None:
        """Make the person known again at their next request."""
        self._known.pop(person_id, None)


class Positions:
    """The newest position that each person's writes were answered with, so that their reads can wait for it."""

    def __init__(
        self,
        *,
        clock: Clock,
        people_max: int = limits.POSITIONS_MAX,
        kept_seconds: float = limits.POSITIONS_SECONDS,
    ) -> None:
        self._positions: TTLCache[str, Position] = TTLCache(people_max, kept_seconds, timer=clock.monotonic_seconds)

    def after(self, person_id: str, told: Position | None) -> Position | None:
        """Return what a read has to wait for: what is remembered, or what the client was told, whichever is later.

        Of two lives of the log, that which this gateway wrote to last is believed.
        """
        return later(self._positions.get(person_id), told)

    def remember(self, person_id: str, position: Position) -> None:
        """Keep the position that a write was answered with."""
        self._positions[person_id] = later(position, self._positions.get(person_id)) or position


def later(believed: Position | None, other: Position | None) -> Position | None:
    """Return the later of two positions of one life of the log; of two lives, ``believed``."""
    if believed is None or other is None:
        return believed or other
    return other if other.epoch == believed.epoch and other.sequence > believed.sequence else believed
