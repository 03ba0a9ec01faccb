"""Keeps processes running: starts them stage by stage, starts again what died, and stops all of it.

A ``Child`` is one process that is kept; the ``Supervisor`` orders them. A child has a session of its own, so that a
Ctrl-C on the terminal reaches the supervisor alone, which then stops the last stage first and the log last.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

from ops.backoff import Backoff
from ops.state import Identity, ProcessRecord, State
from services.chassis.clock import Clock

STOP_SECONDS_MAX = 15.0
"""From SIGTERM to SIGKILL: longer than a service takes to drain (services.chassis.limits.DRAIN_SECONDS)."""
_LINE_BYTES_MAX = 64 * 1024
_PROBE_EVERY_SECONDS = 0.1
_STILL_WAITING_SECONDS = 10.0
_LAST_WORDS_SECONDS_MAX = 1.0
_LEASHED = Path(__file__).with_name("leashed.py")


class Readiness(Protocol):
    """Tells whether a process does its work by now."""

    async def is_ready(self) -> bool: ...


class Speech(Protocol):
    """Where the words of the processes go, and our own."""

    def line(self, name: str, text: str) -> None: ...

    def note(self, text: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Spec:
    """One process: its command, its whole environment, and how it says that it is ready."""

    name: str
    region: str
    service: str
    command: Sequence[str]
    environment: Mapping[str, str]
    probe: Readiness
    addresses: Mapping[str, str]


class Child:
    """One process that is kept running until it is told to stop."""

    def __init__(self, spec: Spec, *, speech: Speech, clock: Clock, changed: Callable[[], None]) -> None:
        self.spec = spec
        self.ready = asyncio.Event()
        self._speech = speech
        self._clock = clock
        self._changed = changed
        self._stopping = asyncio.Event()
        self._process: asyncio.subprocess.Process | None = None
        self._identity: Identity | None = None
        self._state = State.WAITING
        self._restarts = 0

    def record(self) -> ProcessRecord:
        return ProcessRecord(
            name=self.spec.name,
            region=self.spec.region,
            service=self.spec.service,
            state=self._state,
            identity=self._identity,
            restarts=self._restarts,
            addresses=dict(self.spec.addresses),
        )

    async def keep(self) -> None:
        """Run the process, again and again, until ``terminate`` or ``kill``."""
        backoff = Backoff()
        while not self._stopping.is_set():
            began = self._clock.monotonic_seconds()
            ending = await self._run_once()
            if self._stopping.is_set():
                break
            delay = backoff.delay_seconds(ran_seconds=self._clock.monotonic_seconds() - began)
            self._speech.note(f"{self.spec.name} {ending}; it starts again in {delay:.1f} s.")
            self._restarts += 1
            self._become(State.RESTARTING)
            await _set_within(self._stopping, delay)
        self._become(State.STOPPED)

    def terminate(self) -> None:
        """Ask the process to end, and do not start it again."""
        self._stopping.set()
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()

    def resume(self) -> None:
        """Let ``keep`` run it again, after it was stopped."""
        self._stopping.clear()

    def kill(self) -> None:
        """End the process, and whatever it has started, at once."""
        self._stopping.set()
        if self._process is not None and self._process.returncode is None:
            _kill_group(self._process.pid)

    async def _run_once(self) -> str:
        """Run the process to its end and return how it ended, in words."""
        try:
            process = await self._spawn()
        except OSError as error:
            return f"cannot be started ({error.strerror})"
        self._process = process
        if self._stopping.is_set():  # told so while it was being made
            process.terminate()
        words = asyncio.create_task(self._pass_on_words(cast("asyncio.StreamReader", process.stdout)))  # it is a pipe
        probing = asyncio.create_task(self._probe_until_ready())
        try:
            self._identity = Identity.of(process.pid)
            self._become(State.STARTING)
            code = await process.wait()
            await asyncio.wait([words], timeout=_LAST_WORDS_SECONDS_MAX)
        finally:
            if process.returncode is None:  # we are being cancelled: nothing may be left behind
                _kill_group(process.pid)
            words.cancel()
            probing.cancel()
            await asyncio.gather(words, probing, return_exceptions=True)
            self.ready.clear()
            self._identity = None
        return _how_it_ended(code)

    async def _spawn(self) -> asyncio.subprocess.Process:
        leash = (sys.executable, "-I", "-S", str(_LEASHED), str(os.getpid()))
        return await asyncio.create_subprocess_exec(
            *leash,
            *self.spec.command,
            env=dict(self.spec.environment),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
            limit=_LINE_BYTES_MAX,
        )

    async def _pass_on_words(self, words: asyncio.StreamReader) -> None:
        while line := await _read_line(words):
            self._speech.line(self.spec.name, line.decode("utf-8", "replace").rstrip("\r\n"))

    async def _probe_until_ready(self) -> None:
        while not await self.spec.probe.is_ready():  # noqa: ASYNC110 - another process cannot set an event here
            await asyncio.sleep(_PROBE_EVERY_SECONDS)
        self.ready.set()
        self._become(State.READY)
        if self._restarts:
            self._speech.note(f"{self.spec.name} is ready again.")

    def _become(self, state: State) -> None:
        self._state = state
        self._changed()


class Supervisor:
    """Starts the stages in order, each when the one before is ready, and stops them in the opposite order."""

    def __init__(self, stages: Sequence[Sequence[Child]], *, speech: Speech) -> None:
        self._stages = [list(stage) for stage in stages]
        self._speech = speech
        self._keeping: dict[Child, asyncio.Task[None]] = {}
        self._resting: set[Child] = set()

    @property
    def children(self) -> list[Child]:
        return [child for stage in self._stages for child in stage]

    async def start(self, tasks: asyncio.TaskGroup) -> None:
        """Start all of it, as tasks of ``tasks``, and return when everything is ready."""
        await self._start(self._stages, tasks)

    async def join(self, stages: Sequence[Sequence[Child]], tasks: asyncio.TaskGroup) -> None:
        """Start more, in as many stages as there are; what belongs to one stage stops together, whenever it came."""
        for kept, more in zip(self._stages, stages, strict=True):
            kept.extend(more)
        await self._start(stages, tasks)

    async def _start(self, stages: Sequence[Sequence[Child]], tasks: asyncio.TaskGroup) -> None:
        for stage in stages:
            for child in stage:
                self._keeping[child] = tasks.create_task(child.keep(), name=f"keep {child.spec.name}")
            if stage:
                await self._wait_ready(stage)

    async def rest(self, children: Collection[Child]) -> None:
        """Stop those of ``children`` that were started, until they are woken; what rests already stays so."""
        self._resting.update(child for child in children if child in self._keeping)
        await self._stop(self._resting & set(children), STOP_SECONDS_MAX)

    async def wake(self, children: Collection[Child], tasks: asyncio.TaskGroup) -> None:
        """Start those of ``children`` again that rest."""
        woken = self._resting & set(children)
        self._resting -= woken
        for child in woken:
            child.resume()
        await self._start([[child for child in stage if child in woken] for stage in self._stages], tasks)

    async def leave(self, children: Collection[Child]) -> None:
        """Stop ``children`` for good, and keep them no longer."""
        await self._stop(self._keeping.keys() & set(children), STOP_SECONDS_MAX)
        for child in children:
            self._keeping.pop(child, None)
            self._resting.discard(child)
        for stage in self._stages:
            stage[:] = [child for child in stage if child not in children]

    async def stop(self, *, stop_seconds_max: float = STOP_SECONDS_MAX) -> None:
        """Stop what was started, the last stage first: SIGTERM, and SIGKILL to what does not heed it."""
        await self._stop(self._keeping.keys(), stop_seconds_max)

    async def _stop(self, children: Collection[Child], stop_seconds_max: float) -> None:
        for stage in reversed(self._stages):
            running = [child for child in stage if child in children]
            for child in running:
                child.terminate()
            await self._wait_stopped(running, stop_seconds_max)

    def kill(self) -> None:
        """End everything at once."""
        for child in self.children:
            child.kill()

    async def _wait_ready(self, stage: Sequence[Child]) -> None:
        waits = [asyncio.ensure_future(child.ready.wait()) for child in stage]
        try:
            while (await asyncio.wait(waits, timeout=_STILL_WAITING_SECONDS))[1]:
                late = ", ".join(child.spec.name for child in stage if not child.ready.is_set())
                self._speech.note(f"Still waiting for {late}.")
        finally:
            for wait in waits:
                wait.cancel()

    async def _wait_stopped(self, children: Sequence[Child], seconds_max: float) -> None:
        if not children:
            return
        keeping = {self._keeping[child]: child for child in children}
        _, heedless = await asyncio.wait(keeping, timeout=seconds_max)
        for task in heedless:
            self._speech.note(f"{keeping[task].spec.name} did not stop within {seconds_max:g} s and is killed.")
            keeping[task].kill()
        if heedless:
            await asyncio.wait(heedless)


async def _read_line(stream: asyncio.StreamReader) -> bytes:
    """Return the next line, or what fits of it if it is longer than the reader's limit; empty at the end."""
    try:
        return await stream.readuntil(b"\n")
    except asyncio.IncompleteReadError as error:
        return error.partial
    except asyncio.LimitOverrunError as error:
        return await stream.read(max(error.consumed, 1))


async def _set_within(event: asyncio.Event, seconds: float) -> None:
    """Wait until ``event`` is set, for ``seconds`` at most."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


def _kill_group(pid: int) -> None:
    """Kill the process and what it has started: each child leads a group of its own."""
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def _how_it_ended(code: int) -> str:
    if code >= 0:
        return f"ended with exit code {code}"
    try:
        return f"was killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"was killed by signal {-code}"
