"""What runs in a data directory: the lock that makes it one ``up``, and the record that others read.

The record names each process by pid and start time: a pid alone may belong to somebody else by now.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

import orjson
import psutil

from ops.dirs import DataDir, make_private, write_private
from ops.failure import Failure

_FORMAT = 1
_SAME_START_SECONDS = 2.0
"""The start time is computed from the system clock, which may be set while a process runs."""
_LEFTOVER_SECONDS_MAX = 10.0


class LinkState(StrEnum):
    """How a link does."""

    OPEN = "open"
    CUT = "cut"
    HANGING = "hanging"


class State(StrEnum):
    """How a process does."""

    WAITING = "waiting"
    STARTING = "starting"
    READY = "ready"
    RESTARTING = "restarting"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Identity:
    """One process of this machine: ``started_at`` is seconds since 1970, as psutil tells it."""

    pid: int
    started_at: float

    @classmethod
    def of(cls, pid: int) -> Identity | None:
        try:
            return cls(pid=pid, started_at=psutil.Process(pid).create_time())
        except psutil.NoSuchProcess:
            return None

    @classmethod
    def mine(cls) -> Identity:
        return cls(pid=os.getpid(), started_at=psutil.Process().create_time())

    def find(self) -> psutil.Process | None:
        """Return the process if it still runs, and is the same."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.started_at) < _SAME_START_SECONDS
            return process if same and process.status() != psutil.STATUS_ZOMBIE else None
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            return None


@dataclass(frozen=True, slots=True)
class ProcessRecord:
    """One process of the network; ``addresses`` maps what it listens for to host:port."""

    name: str
    region: str
    service: str
    state: State
    identity: Identity | None
    restarts: int
    addresses: dict[str, str]


@dataclass(frozen=True, slots=True)
class LinkRecord:
    """One link of the network: the regions at its ends, and how it does."""

    regions: list[str]
    state: LinkState


@dataclass(frozen=True, slots=True)
class Control:
    """How to ask the running ``up`` for something (ops.control)."""

    port: int
    secret: str


@dataclass(frozen=True, slots=True)
class RunRecord:
    """What runs now; ``urls`` maps each region to its gateway."""

    supervisor: Identity
    issuer_url: str
    urls: dict[str, str]
    processes: list[ProcessRecord] = field(default_factory=list)
    links: list[LinkRecord] = field(default_factory=list)
    control: Control | None = None

    def of_region(self, region: str) -> list[ProcessRecord]:
        return [process for process in self.processes if process.region == region]


def write_run(data: DataDir, record: RunRecord) -> None:
    """Replace the record; a reader sees the old one or the new one, never half of one."""
    write_private(data.run, orjson.dumps({"format": _FORMAT, **asdict(record)}, option=orjson.OPT_INDENT_2))


def read_run(data: DataDir) -> RunRecord | None:
    """Return the record, or None if there is none that this version understands."""
    try:
        raw = orjson.loads(data.run.read_bytes())
        return _parse(raw) if raw["format"] == _FORMAT else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _parse(raw: dict[str, Any]) -> RunRecord:
    return RunRecord(
        supervisor=Identity(**raw["supervisor"]),
        issuer_url=raw["issuer_url"],
        urls=raw["urls"],
        processes=[
            ProcessRecord(
                **{
                    **process,
                    "state": State(process["state"]),
                    "identity": Identity(**process["identity"]) if process["identity"] else None,
                }
            )
            for process in raw["processes"]
        ],
        links=[LinkRecord(link["regions"], LinkState(link["state"])) for link in raw.get("links", ())],
        control=Control(**raw["control"]) if raw.get("control") else None,
    )


@contextmanager
def locked(data: DataDir) -> Iterator[None]:
    """Hold the data directory; Failure if another ``up`` does.

    The kernel lets go of the lock when this process ends, however it ends. Children never have it: Python opens files
    close-on-exec.
    """
    make_private(data.root)
    try:
        descriptor = os.open(data.lock, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise Failure(f"{data.lock} cannot be opened: {error.strerror}.") from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = os.read(descriptor, 32).decode("ascii", "replace").strip() or "unknown"
            raise Failure(f"Another `samverka up` (pid {owner}) runs on {data.root}.") from None
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(descriptor)


def end_leftovers(data: DataDir) -> list[str]:
    """End what an ``up`` that was killed has left running, and return the names; call it with the lock held."""
    record = read_run(data)
    if record is None:
        return []
    found = [
        (process.name, leftover)
        for process in record.processes
        if process.identity is not None and (leftover := process.identity.find()) is not None
    ]
    for _, leftover in found:
        leftover.kill()
    _, alive = psutil.wait_procs([leftover for _, leftover in found], timeout=_LEFTOVER_SECONDS_MAX)
    if alive:
        raise Failure(f"Processes of an earlier run do not end: {', '.join(str(process.pid) for process in alive)}.")
    data.run.unlink(missing_ok=True)
    return [name for name, _ in found]
