"""What every room of the tests may ask for: a real nats-server, free ports, still clocks, chance that repeats itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random, SystemRandom

import pytest
from hypothesis import settings

from ops.ports import FreePorts
from services.chassis import limits
from services.chassis.clock import ManualClock
from services.chassis.ids import Entropy
from tests.support.nats import NatsServer

settings.register_profile("samverka", deadline=None, derandomize=True)
settings.load_profile("samverka")


@pytest.fixture(scope="session")
def nats_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    """A server that the tests of a session share: each uses regions of its own, and none ends it."""
    server = NatsServer(tmp_path_factory.mktemp("nats"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def own_nats_server(tmp_path: Path) -> Iterator[NatsServer]:
    """A server for one test, which may kill it."""
    server = NatsServer(tmp_path / 'a "nats" \\ server')
    server.start()
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is read or decided in this process waits for what it stands on as long as a slow machine may take."""
    for bound in ("CATCH_UP_SECONDS_MAX", "QUERY_SECONDS_MAX", "COMMAND_SECONDS_MAX"):
        monkeypatch.setattr(limits, bound, 30.0)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def free_ports() -> FreePorts:
    return FreePorts(chance=SystemRandom())


@pytest.fixture
def entropy() -> Entropy:
    return Random(0).randbytes
