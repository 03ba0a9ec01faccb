"""The clock of a region: virtual time, wrong by as much as chance wants."""

from __future__ import annotations

from collections.abc import Callable

_START_MS = 1_701_388_790_000
"""Ten seconds before a month ends: an allowance is a month's."""


class SkewedClock:
    """A wall clock that goes with the simulation and may be set forward or back by hand."""

    def __init__(self, now_seconds: Callable[[], float], skew_seconds: float) -> None:
        self._now_seconds = now_seconds
        self._skew_seconds = skew_seconds
        self.stepped = False
        self.highest_ms = 0
        """The latest time that it ever told."""

    def wall_ms(self) -> int:
        now_ms = _START_MS + round((self._now_seconds() + self._skew_seconds) * 1000)
        self.highest_ms = max(self.highest_ms, now_ms)
        return now_ms

    def monotonic_seconds(self) -> float:
        return self._now_seconds()

    def step(self, seconds: float) -> None:
        """Set the wall clock forward, or back where ``seconds`` is negative."""
        self._skew_seconds += seconds
        self.stepped = True
