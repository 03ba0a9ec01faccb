"""Comparing what regions hold, again and again beside something else, at a bounded cost.

A comparison reads every row of every table. So it is made every AGAIN_SECONDS_MIN at most, and takes no more than
SHARE_OF_TIME_MAX of the time however long it is: what it found is shown with its age.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from ops.failure import Failure
from services.chassis.clock import Clock

AGAIN_SECONDS_MIN = 30.0
SHARE_OF_TIME_MAX = 0.05

Verdicts = Mapping[frozenset[str], str]
"""For each two regions, in a word, whether they hold the same."""
Compare = Callable[[], Awaitable[Verdicts]]
Sleep = Callable[[float], Awaitable[None]]


class Comparing:
    """The last comparison, and when it was made."""

    def __init__(self, compare: Compare, *, clock: Clock, sleep: Sleep = asyncio.sleep) -> None:
        self._compare = compare
        self._clock = clock
        self._sleep = sleep
        self._verdicts: Verdicts = {}
        self._at_seconds = 0.0

    async def run(self) -> None:
        """Compare for ever; while it cannot be done, what was found before only grows older."""
        while True:
            began = self._clock.monotonic_seconds()
            try:
                self._verdicts = await self._compare()
                self._at_seconds = began
            except Failure:
                pass
            took = self._clock.monotonic_seconds() - began
            await self._sleep(max(AGAIN_SECONDS_MIN, took / SHARE_OF_TIME_MAX - took))

    def said_of(self, one: str, other: str) -> str:
        """Return what is known of two regions, and how old that is; empty before the first comparison."""
        verdict = self._verdicts.get(frozenset((one, other)))
        if verdict is None:
            return ""
        return f"{verdict}, {self._clock.monotonic_seconds() - self._at_seconds:.0f} s ago"
