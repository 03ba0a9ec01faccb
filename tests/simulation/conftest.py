"""What the simulation's tests share."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def patience() -> None:
    """Nothing: a simulated network keeps its own time, on which a slow machine has no hold, and the bounds of a real one."""
