"""Facts about the lock and the record of what runs."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import orjson
import psutil
import pytest

from ops.dirs import DataDir
from ops.failure import Failure
from ops.state import (
    Control,
    Identity,
    LinkRecord,
    LinkState,
    ProcessRecord,
    RunRecord,
    State,
    end_leftovers,
    locked,
    read_run,
    write_run,
)


@pytest.fixture
def data(tmp_path: Path) -> DataDir:
    return DataDir.at(tmp_path / "data")


@pytest.fixture
def bystander() -> Iterator[subprocess.Popen[bytes]]:
    """A process that runs until somebody ends it."""
    with subprocess.Popen([sys.executable, "-I", "-S", "-c", "import time; time.sleep(600)"]) as process:
        yield process
        process.kill()


def _identity(pid: int) -> Identity:
    identity = Identity.of(pid)
    assert identity is not None
    return identity


def _record(identity: Identity | None) -> RunRecord:
    process = ProcessRecord("stockholm/feed-1", "stockholm", "feed", State.READY, identity, 2, {"grpc": "127.0.0.1:1"})
    return RunRecord(
        Identity.mine(),
        "http://127.0.0.1:2",
        {"stockholm": "http://127.0.0.1:3"},
        [process],
        [LinkRecord(["stockholm", "tokyo"], LinkState.HANGING)],
        Control(port=4, secret="said to nobody"),
    )


def test_a_data_directory_is_one_ups_at_a_time(data: DataDir) -> None:
    with locked(data), pytest.raises(Failure, match=rf"\(pid {os.getpid()}\) runs on"), locked(data):
        pass


def test_a_lock_that_was_let_go_can_be_taken(data: DataDir) -> None:
    for _ in range(2):
        with locked(data):
            pass


def test_a_child_that_outlives_the_lock_does_not_hold_it(data: DataDir) -> None:
    program = "import time; print('runs', flush=True); time.sleep(600)"
    with locked(data):
        child = subprocess.Popen([sys.executable, "-I", "-S", "-c", program], close_fds=False, stdout=subprocess.PIPE)
        # Popen returns while the kernel still closes what the new program does not get; a program that speaks is past that.
        assert child.stdout is not None
        assert child.stdout.readline() == b"runs\n"
    try:
        with locked(data):
            pass
    finally:
        child.kill()
        child.communicate()


def test_the_data_directory_is_its_owners_alone(data: DataDir) -> None:
    with locked(data):
        assert data.root.stat().st_mode & 0o077 == 0


def test_what_is_recorded_is_read(data: DataDir) -> None:
    record = _record(Identity.mine())
    write_run(data, record)
    assert read_run(data) == record


def test_a_record_from_before_there_were_links_is_read(data: DataDir) -> None:
    write_run(data, _record(Identity.mine()))
    old = orjson.loads(data.run.read_bytes())
    del old["links"], old["control"]
    data.run.write_bytes(orjson.dumps(old))
    assert read_run(data) == replace(_record(Identity.mine()), links=[], control=None)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b'{"format": 99}', b'{"format": 1, "supervisor": 7}'])
def test_a_record_that_is_not_understood_is_none(content: bytes, data: DataDir) -> None:
    data.root.mkdir()
    data.run.write_bytes(content)
    assert read_run(data) is None


def test_what_an_earlier_run_left_is_ended(data: DataDir, bystander: subprocess.Popen[bytes]) -> None:
    write_run(data, _record(_identity(bystander.pid)))
    assert end_leftovers(data) == ["stockholm/feed-1"]
    assert not psutil.pid_exists(bystander.pid)
    assert not data.run.exists()


def test_a_process_that_only_got_the_same_pid_is_left_alone(data: DataDir, bystander: subprocess.Popen[bytes]) -> None:
    earlier = Identity(bystander.pid, started_at=psutil.Process(bystander.pid).create_time() - 60)
    write_run(data, _record(earlier))
    assert end_leftovers(data) == []
    assert bystander.poll() is None
