"""Facts about asking a running network for something."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

import ops.control
from ops.control import CALLERS_MAX, LINE_BYTES_MAX, ControlServer, ask
from ops.dirs import DataDir
from ops.failure import Failure
from ops.ports import LOOPBACK
from ops.state import Control, Identity, RunRecord, write_run

SECONDS_MAX = 60.0


class Commands:
    """What the server can be asked for: it says what it was told, refuses, or waits to be let go."""

    def __init__(self) -> None:
        self.let_go = asyncio.Event()
        self.carried_out: list[str] = []
        self.at_once = 0

    async def say(self, one: str, other: str) -> str:
        self.carried_out.append(f"{one} {other}")
        return f"Said {one}\nand {other}."

    async def refuse(self) -> str:
        raise Failure("Not today.")

    async def wait(self) -> str:
        self.at_once += 1
        assert self.at_once == 1
        await self.let_go.wait()
        self.at_once -= 1
        return "Waited."


@pytest.fixture
def commands() -> Commands:
    return Commands()


@pytest.fixture
async def control(commands: Commands) -> AsyncIterator[Control]:
    server = ControlServer(
        {"say": (2, commands.say), "refuse": (0, commands.refuse), "wait": (0, commands.wait)}, entropy=os.urandom
    )
    async with asyncio.TaskGroup() as tasks:
        yield await server.start(tasks)
        await server.close()


@pytest.fixture
def data(tmp_path: Path, control: Control) -> DataDir:
    data = DataDir.at(tmp_path / "data")
    write_run(data, RunRecord(Identity.mine(), "http://127.0.0.1:1", {}, control=control))
    return data


async def exchange(control: Control, sent: bytes) -> bytes:
    """Send raw bytes and return the raw answer."""
    reader, writer = await asyncio.open_connection(LOOPBACK, control.port)
    try:
        writer.write(sent)
        async with asyncio.timeout(SECONDS_MAX):
            return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.transport.abort()


async def test_what_is_asked_is_done_and_told_in_one_line(data: DataDir, commands: Commands) -> None:
    assert await ask(data, "say", ["stockholm", "tokyo"]) == "Said stockholm and tokyo."
    assert commands.carried_out == ["stockholm tokyo"]


async def test_a_refusal_is_a_failure_with_its_reason(data: DataDir) -> None:
    with pytest.raises(Failure, match=r"^Not today\.$"):
        await ask(data, "refuse", [])


@pytest.mark.parametrize(
    "words", [["unknown"], ["say"], ["say", "one"], ["say", "one", "two", "three"], ["refuse", "me"]]
)
async def test_what_cannot_be_asked_is_told(words: list[str], data: DataDir, commands: Commands) -> None:
    with pytest.raises(Failure, match="There is no such request"):
        await ask(data, words[0], words[1:])
    assert commands.carried_out == []


@pytest.mark.parametrize(
    "line",
    [b"\n", b"secret\n", b"\xff\xfe say a b\n", b"\x00\n", b"{}\n", b"GET / HTTP/1.1\r\n\r\n"],
    ids=["empty", "one-word", "not-ascii", "nul", "json", "http"],
)
async def test_what_is_no_request_is_told_so_and_nothing_is_done(
    line: bytes, control: Control, commands: Commands
) -> None:
    assert (await exchange(control, line)).startswith(b"failed ")
    assert commands.carried_out == []


async def test_without_the_secret_nothing_is_done(control: Control, data: DataDir, commands: Commands) -> None:
    for guess in ("guess", control.secret[:-1], control.secret + "0", control.secret.upper() + "x"):
        answer = await exchange(control, f"{guess} say a b\n".encode())
        assert answer == b"failed The secret is wrong.\n"
    assert commands.carried_out == []
    assert await ask(data, "say", ["a", "b"])


async def test_a_line_that_is_too_long_ends_the_connection(control: Control, data: DataDir, commands: Commands) -> None:
    words = b"x" * LINE_BYTES_MAX * 4
    assert await exchange(control, control.secret.encode() + b" say a " + words + b"\n") == b""
    assert commands.carried_out == []
    assert await ask(data, "say", ["a", "b"])


async def test_callers_who_say_nothing_are_bounded(control: Control, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        ops.control, "_ASK_SECONDS_MAX", SECONDS_MAX
    )  # else the first have left when the last one comes
    silent = [await asyncio.open_connection(LOOPBACK, control.port) for _ in range(CALLERS_MAX)]
    assert await exchange(control, f"{control.secret} say a b\n".encode()) == b""
    for _, writer in silent:
        writer.transport.abort()


async def test_requests_are_carried_out_one_after_the_other(data: DataDir, commands: Commands) -> None:
    async with asyncio.timeout(SECONDS_MAX), asyncio.TaskGroup() as tasks:
        waits = [tasks.create_task(ask(data, "wait", [])) for _ in range(3)]
        refused = tasks.create_task(_why(data, "unknown"))  # what cannot be done need not wait
        assert await refused == "There is no such request."
        assert not any(wait.done() for wait in waits)
        commands.let_go.set()
    assert [wait.result() for wait in waits] == ["Waited."] * 3


async def _why(data: DataDir, verb: str) -> str:
    with pytest.raises(Failure) as failed:
        await ask(data, verb, [])
    return str(failed.value)


async def test_a_server_that_closes_while_it_works_is_told_of(commands: Commands, tmp_path: Path) -> None:
    server = ControlServer({"wait": (0, commands.wait)}, entropy=os.urandom)
    data = DataDir.at(tmp_path / "closing")
    async with asyncio.TaskGroup() as tasks:
        write_run(data, RunRecord(Identity.mine(), "", {}, control=await server.start(tasks)))
        asked = tasks.create_task(_why(data, "wait"))
        async with asyncio.timeout(SECONDS_MAX):
            while not commands.at_once:
                await asyncio.sleep(0)
        await server.close()
    assert "stopped before it answered" in asked.result() or "does not answer" in asked.result()
    assert "does not answer" in await _why(data, "wait")


async def test_nothing_that_runs_can_be_asked_for_nothing(tmp_path: Path) -> None:
    data = DataDir.at(tmp_path / "empty")
    assert await _why(data, "say") == f"Nothing runs on {data.root}."
    record = RunRecord(Identity.mine(), "", {})
    write_run(data, replace(record, supervisor=Identity(os.getpid(), started_at=1.0)))
    assert await _why(data, "say") == f"Nothing runs on {data.root}."
    write_run(data, record)
    assert "takes no requests" in await _why(data, "say")


async def test_the_secret_is_for_this_user_alone(data: DataDir) -> None:
    assert stat.S_IMODE(data.run.stat().st_mode) == 0o600
