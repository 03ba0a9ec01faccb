"""How long to wait before a process that died is started again."""

from __future__ import annotations

DELAY_SECONDS_MIN = 0.2
DELAY_SECONDS_MAX = 5.0
SETTLED_SECONDS = 10.0
"""A process that ran this long had settled: its end is a new trouble, not the old one."""


class Backoff:
    """Doubles from the smallest delay to the largest, and begins anew after a process had settled."""

    def __init__(self) -> None:
        self._next_seconds = DELAY_SECONDS_MIN

    def delay_seconds(self, *, ran_seconds: float) -> float:
        """Return the delay after a process that ran for ``ran_seconds``."""
        if ran_seconds >= SETTLED_SECONDS:
            self._next_seconds = DELAY_SECONDS_MIN
        delay = self._next_seconds
        self._next_seconds = min(delay * 2, DELAY_SECONDS_MAX)
        return delay
