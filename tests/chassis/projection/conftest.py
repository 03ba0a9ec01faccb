"""A log, somebody who writes into it, and a replica that follows it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.chassis.clock import ManualClock
from services.chassis.eventlog.memory import MemoryLog
from tests.chassis.projection.recorded import REGION
from tests.support.tally import (
    Replica,
    Writer,
    open_replica,
)


@pytest.fixture
def log() -> MemoryLog:
    return MemoryLog()


@pytest.fixture
def writer(log: MemoryLog, clock: ManualClock) -> Writer:
    return Writer(log, REGION, clock)


@pytest.fixture
async def replica(log: MemoryLog, tmp_path: Path, clock: ManualClock) -> AsyncIterator[Replica]:
    async with open_replica(log, REGION, tmp_path, clock=clock) as replica:
        yield replica
