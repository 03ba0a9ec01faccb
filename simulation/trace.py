"""What happened in a simulation, step by step, in virtual time."""

from __future__ import annotations

import hashlib
from collections.abc import Callable


class Violation(Exception):
    """Something that is promised does not hold."""


class Trace:
    """Every step, with the second at which it was taken."""

    def __init__(self, now_seconds: Callable[[], float]) -> None:
        self._now_seconds = now_seconds
        self._steps: list[tuple[float, str, str]] = []

    def note(self, who: str, what: str) -> None:
        self._steps.append((self._now_seconds(), who, what))

    def last(self, steps: int) -> list[str]:
        """Return the last ``steps`` steps as lines."""
        return [f"{at:9.3f}  {who:12} {what}" for at, who, what in self._steps[-steps:]]

    def fingerprint(self) -> str:
        """Return what tells this course of events from any other."""
        return hashlib.sha256(repr(self._steps).encode()).hexdigest()

    def __len__(self) -> int:
        return len(self._steps)
