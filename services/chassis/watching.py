"""Watching: who waits for news under which name, woken when there may be some, and reading on from their own cursor.

Whoever wakes somebody needs not know what the news is: each reads what has come since its own cursor. So a watcher that is
slow, or was away, misses nothing and holds nothing up. What was read for them is read again if it may have gone meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection, Iterable, Sequence
from typing import Protocol, TypeVar

from services.chassis import limits
from services.chassis.errors import Exhausted
from services.chassis.projection import ProjectionRunner


class News(Protocol):
    """What watchers are shown."""

    @property
    def cursor(self) -> str: ...


Item = TypeVar("Item", bound=News)


class Watchers:
    """The watchers of one thing in one replica, by the name that they wait under."""

    def __init__(self, *, runner: ProjectionRunner) -> None:
        self._runner = runner
        self._woken: dict[str, set[asyncio.Event]] = {}
        self._count = 0
        self._outdated = 0

    @property
    def count(self) -> int:
        """How many are watching now."""
        return self._count

    @property
    def names(self) -> Collection[str]:
        """The names under which anybody waits."""
        return self._woken.keys()

    def wake(self, names: Iterable[str]) -> None:
        """Have those who wait under ``names`` look for news."""
        for name in names:
            for woken in self._woken.get(name, ()):
                woken.set()

    def outdate(self) -> None:
        """Have what was read for watchers and is not shown yet read again: some of it may not be theirs to see any more."""
        self._outdated += 1

    async def watch(
        self, name: str, *, after: int | None, since: Callable[[int], Sequence[Item]]
    ) -> AsyncGenerator[Item, None]:
        """Yield what ``since`` a sequence has come, at most WATCHED_ITEMS_MAX at once, for ever; None: from now on.

        Raises Exhausted if the replica has as many watchers as it may.
        """
        if self._count >= limits.WATCHERS_MAX:
            raise Exhausted("Too many are watching now; try again.", code="too_many_watchers")
        after = self._runner.position.sequence if after is None else after
        woken = asyncio.Event()
        woken.set()
        self._count += 1
        self._woken.setdefault(name, set()).add(woken)
        try:
            while True:
                await woken.wait()
                woken.clear()
                applied, outdated = self._runner.position.sequence, self._outdated
                items = since(after)
                for item in items:
                    if self._outdated != outdated:
                        break
                    yield item
                    after = int(item.cursor.rpartition(":")[2])
                if len(items) == limits.WATCHED_ITEMS_MAX or self._outdated != outdated:
                    woken.set()  # there may be more
                else:
                    after = max(after, applied)  # all up to there has been looked at
        finally:
            self._count -= 1
            self._woken[name].discard(woken)
            if not self._woken[name]:
                del self._woken[name]
