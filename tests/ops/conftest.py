"""What the tests of the command line share: an environment for processes, and running networks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import ops.peers
import ops.probes
import ops.status
from tests.ops.networks import RunningNetwork, Start, StartNetwork


@pytest.fixture(autouse=True)
def patience(patience: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who asks in this process waits for an answer that comes as long as a slow machine may take."""
    for module in (ops.peers, ops.probes, ops.status):
        monkeypatch.setattr(module, "_ANSWER_SECONDS_MAX", 30.0)


@pytest.fixture
def environment() -> dict[str, str]:
    """The environment of a process that finds what the tests find."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SAMVERKA_")}
    return {**kept, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "PYTHONUNBUFFERED": "1"}


@pytest.fixture
def start(environment: dict[str, str]) -> Iterator[Start]:
    """Start a network by a command; what still runs at the end of the test is ended."""
    running: list[RunningNetwork] = []

    def start(*command: str) -> RunningNetwork:
        process = subprocess.Popen(
            [sys.executable, *command], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        running.append(RunningNetwork(process))
        return running[-1]

    yield start
    for network in running:
        if network.process.poll() is None:
            network.end(signal.SIGTERM)
        if network.process.stdout is not None:
            network.process.stdout.close()


@pytest.fixture
def start_network(start: Start) -> StartNetwork:
    """Start a network of stand-ins on a data directory and a port; regions may follow, stockholm otherwise."""
    script = str(Path(__file__).with_name("small_network.py"))
    return lambda data, port, *regions: start(script, str(data), str(port), ",".join(regions) or "stockholm")
