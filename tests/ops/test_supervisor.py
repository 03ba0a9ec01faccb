"""Facts about keeping processes running."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest

from ops.ports import FreePorts, is_free
from ops.probes import HttpProbe
from ops.state import State
from ops.supervisor import Child, Spec, Supervisor
from services.chassis.clock import ManualClock

STANDIN = str(Path(__file__).with_name("standin.py"))
DEADLINE_SECONDS = 60.0


class Heard:
    """What was said, and waiting for it."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []
        self.notes: list[str] = []
        self._more = asyncio.Condition()

    def line(self, name: str, text: str) -> None:
        self.lines.append((name, text))
        self._wake()

    def note(self, text: str) -> None:
        self.notes.append(text)
        self._wake()

    def _wake(self) -> None:
        self._task = asyncio.ensure_future(self._notify())

    async def _notify(self) -> None:
        async with self._more:
            self._more.notify_all()

    async def wait_for(self, fact: Callable[[], bool]) -> None:
        async with asyncio.timeout(DEADLINE_SECONDS), self._more:
            await self._more.wait_for(fact)


@pytest.fixture
def heard() -> Heard:
    return Heard()


def make_child(
    heard: Heard, port: int, *arguments: str, name: str = "standin", changed: Callable[[], None] = lambda: None
) -> Child:
    spec = Spec(
        name=name,
        region="stockholm",
        service="standin",
        command=(sys.executable, "-I", "-S", STANDIN, str(port), *arguments),
        environment=dict(os.environ),
        probe=HttpProbe(url=f"http://127.0.0.1:{port}/"),
        addresses={"http": f"127.0.0.1:{port}"},
    )
    return Child(spec, speech=heard, clock=ManualClock(), changed=changed)  # what dies has run for no time at all


@asynccontextmanager
async def running(heard: Heard, *stages: list[Child], stop_seconds_max: float = 10.0) -> AsyncIterator[Supervisor]:
    """Give a supervisor that has started everything, and stop it at the end."""
    supervisor = Supervisor(stages, speech=heard)
    async with asyncio.timeout(DEADLINE_SECONDS), asyncio.TaskGroup() as tasks:
        try:
            await supervisor.start(tasks)
            yield supervisor
        finally:
            await supervisor.stop(stop_seconds_max=stop_seconds_max)


def pid_of(child: Child) -> int:
    identity = child.record().identity
    assert identity is not None
    return identity.pid


async def test_a_process_that_dies_is_started_again(heard: Heard, free_ports: FreePorts) -> None:
    child = make_child(heard, free_ports.take())
    async with running(heard, [child]):
        first = pid_of(child)
        os.kill(first, signal.SIGKILL)
        await heard.wait_for(lambda: "standin is ready again." in heard.notes)
        assert pid_of(child) != first
        assert (child.record().state, child.record().restarts) == (State.READY, 1)
    assert "standin was killed by SIGKILL; it starts again in 0.2 s." in heard.notes


async def test_a_process_that_dies_again_and_again_is_never_given_up(heard: Heard, free_ports: FreePorts) -> None:
    child = make_child(heard, free_ports.take(), "--exit", "3")
    supervisor = Supervisor([[child]], speech=heard)

    def ended() -> list[str]:
        return [note for note in heard.notes if "ended" in note]

    async with asyncio.TaskGroup() as tasks:
        starting = asyncio.create_task(supervisor.start(tasks))
        await heard.wait_for(lambda: len(ended()) >= 3)
        starting.cancel()
        await supervisor.stop()
    assert ended()[0] == "standin ended with exit code 3; it starts again in 0.2 s."
    assert ended()[2] == "standin ended with exit code 3; it starts again in 0.8 s."


async def test_a_program_that_is_not_there_is_told_and_tried_again(heard: Heard, free_ports: FreePorts) -> None:
    port = free_ports.take()
    spec = Spec("lost", "", "lost", ("/nowhere/program",), {}, HttpProbe(url=f"http://127.0.0.1:{port}/"), {})
    supervisor = Supervisor([[Child(spec, speech=heard, clock=ManualClock(), changed=lambda: None)]], speech=heard)
    async with asyncio.TaskGroup() as tasks:
        starting = asyncio.create_task(supervisor.start(tasks))
        await heard.wait_for(lambda: any("ended" in note for note in heard.notes))
        starting.cancel()
        await supervisor.stop()
    assert ("lost", "/nowhere/program cannot be started: No such file or directory") in heard.lines


async def test_stopping_leaves_no_process_and_no_port(heard: Heard, free_ports: FreePorts) -> None:
    ports = [free_ports.take() for _ in range(3)]
    children = [make_child(heard, port) for port in ports]
    async with running(heard, children[:2], children[2:]):
        pids = [pid_of(child) for child in children]
    assert [pid for pid in pids if psutil.pid_exists(pid)] == []
    assert all(is_free(port) for port in ports)
    assert {child.record().state for child in children} == {State.STOPPED}


async def test_a_stage_starts_when_the_one_before_is_ready_and_stops_before_it(
    heard: Heard, free_ports: FreePorts
) -> None:
    changes: list[tuple[str, State]] = []
    children: dict[str, Child] = {}

    def noted(name: str) -> Child:
        child = make_child(
            heard, free_ports.take(), name=name, changed=lambda: changes.append((name, children[name].record().state))
        )
        return children.setdefault(name, child)

    first, second = noted("first"), noted("second")
    async with running(heard, [first], [second]):
        pass
    assert [change for change in changes if change[1] != State.STARTING] == [
        ("first", State.READY),
        ("second", State.READY),
        ("second", State.STOPPED),
        ("first", State.STOPPED),
    ]


async def test_what_joins_later_stops_with_its_stage(heard: Heard, free_ports: FreePorts) -> None:
    stopped: list[str] = []
    children: dict[str, Child] = {}

    def noted(name: str) -> Child:
        def changed() -> None:
            if children[name].record().state is State.STOPPED:
                stopped.append(name)

        return children.setdefault(name, make_child(heard, free_ports.take(), name=name, changed=changed))

    log, gateway = noted("log"), noted("gateway")
    later_log, later_gateway = noted("later log"), noted("later gateway")
    supervisor = Supervisor([[log], [gateway]], speech=heard)
    async with asyncio.timeout(DEADLINE_SECONDS), asyncio.TaskGroup() as tasks:
        await supervisor.start(tasks)
        first = pid_of(log), pid_of(gateway)
        await supervisor.join([[later_log], [later_gateway]], tasks)
        assert later_gateway.record().state is State.READY
        assert (pid_of(log), pid_of(gateway)) == first
        await supervisor.stop()
    assert [set(stopped[:2]), set(stopped[2:])] == [{"gateway", "later gateway"}, {"log", "later log"}]


async def test_what_rests_is_stopped_until_it_is_woken_and_nothing_else_is(heard: Heard, free_ports: FreePorts) -> None:
    below, above = (make_child(heard, free_ports.take(), name=name) for name in ("below", "above"))
    supervisor = Supervisor([[below], [above]], speech=heard)
    async with asyncio.TaskGroup() as tasks:
        await supervisor.start(tasks)
        before = below.record().identity
        for _ in range(2):
            await supervisor.rest([above])
            assert (above.record().state, above.record().identity) == (State.STOPPED, None)
        assert below.record().identity == before

        for _ in range(2):
            await supervisor.wake([above], tasks)
            assert above.record().state is State.READY
        await supervisor.stop()
    assert {above.record().state, below.record().state} == {State.STOPPED}


async def test_what_leaves_is_stopped_and_kept_no_longer(heard: Heard, free_ports: FreePorts) -> None:
    one, other = (make_child(heard, free_ports.take(), name=name) for name in ("one", "other"))
    supervisor = Supervisor([[one, other]], speech=heard)
    async with asyncio.TaskGroup() as tasks:
        await supervisor.start(tasks)
        await supervisor.leave([one])
        assert (one.record().state, other.record().state) == (State.STOPPED, State.READY)
        assert supervisor.children == [other]
        await supervisor.wake([one], tasks)
        assert one.record().state is State.STOPPED
        await supervisor.stop()


async def test_a_process_that_heeds_no_signal_is_killed(heard: Heard, free_ports: FreePorts) -> None:
    child = make_child(heard, free_ports.take(), "--heedless")
    async with running(heard, [child], stop_seconds_max=0.2):
        pid = pid_of(child)
    assert not psutil.pid_exists(pid)
    assert "standin did not stop within 0.2 s and is killed." in heard.notes


async def test_a_line_without_an_end_does_not_stop_the_words(heard: Heard, free_ports: FreePorts) -> None:
    child = make_child(heard, free_ports.take(), "--say", "x" * 100_000)
    async with running(heard, [child]):
        await heard.wait_for(lambda: sum(len(text) for _, text in heard.lines) == 100_000)


async def test_a_child_has_a_session_of_its_own_and_nothing_to_read(heard: Heard, free_ports: FreePorts) -> None:
    child = make_child(heard, free_ports.take())
    async with running(heard, [child]):
        pid = pid_of(child)
        assert os.getsid(pid) == pid
        if sys.platform == "linux":
            assert _standard_input_of(pid) == Path("/dev/null")


def _standard_input_of(pid: int) -> Path:
    return Path(f"/proc/{pid}/fd/0").readlink()
