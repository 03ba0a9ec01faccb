"""Time, as everything here is told it: a system clock, one that tests turn by hand, and the hybrid logical clock.

The hybrid logical clock follows Kulkarni et al., "Logical Physical Clocks and Consistent Snapshots in Globally
Distributed Databases" (2014): physical milliseconds in the upper 48 bits, a counter in the lower 16. It never goes back
and runs ahead of everything that this node has seen, so an answer never looks older than its question.
"""

from __future__ import annotations

import threading
import time
from typing import Protocol

COUNTER_BITS = 16
_COUNTER_MASK = (1 << COUNTER_BITS) - 1


class Clock(Protocol):
    """Tells the time; ``wall_ms`` is milliseconds since 1970, ``monotonic_seconds`` only ever grows."""

    def wall_ms(self) -> int: ...

    def monotonic_seconds(self) -> float: ...


class SystemClock:
    """The machine's own clock."""

    def wall_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def monotonic_seconds(self) -> float:
        return time.monotonic()


class ManualClock:
    """A clock that stands still until a test turns it."""

    def __init__(self, wall_ms: int = 1_700_000_000_000) -> None:
        self._wall_ms = wall_ms
        self._start_ms = wall_ms

    def wall_ms(self) -> int:
        return self._wall_ms

    def monotonic_seconds(self) -> float:
        return (self._wall_ms - self._start_ms) / 1000

    def advance(self, seconds: float) -> None:
        self._wall_ms += round(seconds * 1000)

    def step(self, seconds: float) -> None:
        """Set the wall clock forward, or back where ``seconds`` is negative; no time passes by it."""
        self._wall_ms += round(seconds * 1000)
        self._start_ms += round(seconds * 1000)


class HybridClock:
    """Timestamps that grow with every call and with every event seen.

    A remote timestamp more than ``drift_ms_max`` ahead of the local clock is not followed: one region with a wrong clock
    would drag all others along. Safe to share between threads: commands ask the time while a projection observes it.
    """

    def __init__(self, clock: Clock, *, drift_ms_max: int = 60_000) -> None:
        self._clock = clock
        self._drift_ms_max = drift_ms_max
        self._last = 0
        self._turn = threading.Lock()

    def now(self) -> int:
        """Return a timestamp later than all before it."""
        with self._turn:
            self._last = max(self._clock.wall_ms() << COUNTER_BITS, self._last + 1)
            return self._last

    def restore(self, timestamp: int) -> None:
        """Go on after ``timestamp``, one of this node's own, whatever the clock says since."""
        if timestamp <= self._last:  # as below
            return
        with self._turn:
            self._last = max(self._last, timestamp)

    def observe(self, timestamp: int) -> bool:
        """Run ahead of ``timestamp``; False if it was too far in the future to follow."""
        if timestamp <= self._last:  # it never falls, so this needs no turn; a replay comes only this far
            return True
        if physical_ms(timestamp) > self._clock.wall_ms() + self._drift_ms_max:
            return False
        with self._turn:
            self._last = max(self._last, timestamp)
        return True


def physical_ms(timestamp: int) -> int:
    """Return the milliseconds since 1970 in a hybrid timestamp."""
    return timestamp >> COUNTER_BITS


def hybrid(wall_ms: int, counter: int = 0) -> int:
    """Return the hybrid timestamp of a physical time."""
    return wall_ms << COUNTER_BITS | counter & _COUNTER_MASK
