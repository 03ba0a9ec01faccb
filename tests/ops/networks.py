"""A small network in a process of its own, as tests start and end it."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import psutil

from ops.ports import FreePorts

SECONDS_MAX = 180.0


class RunningNetwork:
    """A small network in a process of its own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[str] = []

    def read_until(self, words: str) -> str:
        """Return the first line that holds ``words``; the test fails if the process ends before it says so."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)
            if words in line:
                return line
        raise AssertionError(f"it never said {words!r}:\n{''.join(self.lines)}")

    def descendants(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def end(self, number: signal.Signals) -> int:
        """Send the signal and return the exit code."""
        self.process.send_signal(number)
        rest, _ = self.process.communicate(timeout=SECONDS_MAX)
        self.lines.append(rest)
        return self.process.returncode


Start = Callable[..., RunningNetwork]


class StartNetwork(Protocol):
    """Starts a network of stand-ins on a data directory and a port."""

    def __call__(self, data: Path, port: int, *regions: str) -> RunningNetwork: ...


def still_running(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Return those of ``processes`` that do not end."""
    return psutil.wait_procs(processes, timeout=SECONDS_MAX)[1]


def first_of_free(count: int, ports: FreePorts) -> int:
    """Return a port that is free as are those after it, ``count`` in all: gateways stand in a row."""
    while True:
        first = ports.take()
        if all(ports.hold(first + more) for more in range(1, count)):
            return first
