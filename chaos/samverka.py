"""The network under test: a ``samverka up`` in a process of its own, and the commands that an operator has."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import httpx
import orjson

LOOPBACK = "127.0.0.1"
START_SECONDS_MAX = 120.0
STOP_SECONDS_MAX = 60.0
COMMAND_SECONDS_MAX = 200.0
"""Adding a region starts five processes, and the network is under load."""
LOOK_SECONDS = 0.1
_PORTS = range(20_000, 30_000)
COMMANDS_AT_ONCE_MAX = 2


class CannotGoOn(Exception):
    """The network cannot be brought up, or a command fails: there is nothing to check. The text says why."""


@dataclass(frozen=True, slots=True)
class Log:
    """Where a region's log is read: as its services do, who may change nothing of it."""

    region: str
    url: str
    seed_file: Path


class Network:
    """A running ``samverka up`` on ``folder``/data; it outlives neither this process nor its own end."""

    def __init__(self, folder: Path, *, regions: Sequence[str], joining: Sequence[str], chance: Random) -> None:
        self.folder = folder
        self.regions = list(regions)
        self.servers_killed: Counter[str] = Counter()
        """How often the nats-server of each region was killed."""
        self._port = _free_ports(len(regions) + len(joining), chance)
        self._process: asyncio.subprocess.Process | None = None
        self._commands = asyncio.Semaphore(COMMANDS_AT_ONCE_MAX)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def words(self) -> Path:
        """All that the network has said."""
        return self.folder / "up.log"

    def url(self, region: str) -> str:
        """Return where a region's gateway listens: in the order of the regions, also after another start."""
        return f"http://{LOOPBACK}:{self._port + self.regions.index(region)}"

    async def start(self, *, seconds: float = START_SECONDS_MAX) -> None:
        """Bring all regions up and return when each answers, within that time for each."""
        command = [_samverka(), "up", "--regions", ",".join(self.regions), "--port", str(self._port)]
        leash = [sys.executable, "-m", "ops.leashed", str(os.getpid())]
        with self.words.open("ab") as words:
            self._process = await asyncio.create_subprocess_exec(
                *leash,
                *command,
                "--data",
                str(self.data),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=words,
                stderr=words,
                start_new_session=True,
            )
        await self.wait_ready(seconds=seconds)

    async def stop(self) -> None:
        """Stop it as Ctrl-C does."""
        process = self._process
        if process is not None and process.returncode is None:
            process.send_signal(signal.SIGINT)
            try:
                async with asyncio.timeout(STOP_SECONDS_MAX):
                    code = await process.wait()
            except TimeoutError:
                await self.kill()
                raise CannotGoOn(f"It did not stop within {STOP_SECONDS_MAX:g} s.") from None
            if code != 0:
                raise CannotGoOn(f"It ended with exit code {code}; see {self.words}.")

    async def kill(self) -> None:
        """Kill the supervisor with SIGKILL, and with it, on Linux, everything that it runs."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            self.servers_killed.update(self.regions)
            await self._process.wait()

    async def wait_ready(self, *, seconds: float = START_SECONDS_MAX) -> None:
        """Wait until every region's gateway answers queries."""
        async with httpx.AsyncClient(trust_env=False) as client:
            for region in self.regions:
                await wait_until(partial(self._answers, client, region), seconds=seconds)

    async def _answers(self, client: httpx.AsyncClient, region: str) -> bool:
        if self._process is None or self._process.returncode is not None:
            raise CannotGoOn(f"It ended by itself; see {self.words}.")
        try:
            return (await client.get(f"{self.url(region)}/readyz")).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    async def command(self, *words: str) -> str:
        """Run ``samverka`` to its end and return what it prints."""
        async with self._commands:
            process = await asyncio.create_subprocess_exec(
                _samverka(),
                *words,
                "--data",
                str(self.data),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
            try:
                async with asyncio.timeout(COMMAND_SECONDS_MAX):
                    said, complained = await process.communicate()
            finally:
                if process.returncode is None:
                    process.kill()
        if process.returncode != 0:
            raise CannotGoOn(f"samverka {' '.join(words)}: {complained.decode().strip()}")
        return said.decode()

    async def token(self, region: str, handle: str, *roles: str) -> str:
        """Return a bearer token for somebody."""
        given = [word for role in ("member", *roles) for word in ("--role", role)]
        return (await self.command("token", "--region", region, "--as", handle, *given)).strip()

    async def add(self, region: str) -> None:
        """Let a region join the running network."""
        await self.command("network", "add", region)
        self.regions.append(region)
        await self.wait_ready()

    async def digests(self, region: str) -> list[dict[str, Any]]:
        """Return the digest of each replica of a region."""
        found: list[dict[str, Any]] = orjson.loads(await self.command("digest", "--region", region, "--json"))
        return found

    def log(self, region: str) -> Log:
        """Return where a region's log is read now; the port changes with every start."""
        (address,) = [
            process["addresses"]["nats"] for process in self._processes() if process["name"] == f"{region}/nats"
        ]
        return Log(region, f"nats://{address}", self.data / region / "services.nk")

    def kill_process(self, name: str) -> bool:
        """Kill one process with SIGKILL; False if it does not run just now."""
        (record,) = [process for process in self._processes() if process["name"] == name]
        if record["identity"] is None:
            return False
        try:
            os.kill(record["identity"]["pid"], signal.SIGKILL)
        except ProcessLookupError:
            return False
        region, _, part = name.partition("/")
        self.servers_killed[region] += part == "nats"
        return True

    def _processes(self) -> list[dict[str, Any]]:
        processes: list[dict[str, Any]] = orjson.loads((self.data / "run.json").read_bytes())["processes"]
        return processes


async def wait_until(condition: Callable[[], Coroutine[Any, Any, bool]], *, seconds: float) -> float:
    """Wait until ``condition`` holds and return how long it took; TimeoutError after ``seconds``."""
    clock = asyncio.get_running_loop()
    begun = clock.time()
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110 - another process cannot set an event here
            await asyncio.sleep(LOOK_SECONDS)
    return clock.time() - begun


def _samverka() -> str:
    return str(Path(sys.executable).parent / "samverka")


def _free_ports(count: int, chance: Random) -> int:
    """Return the first of ``count`` free ports in a row: gateways stand side by side."""
    while True:
        first = chance.choice(_PORTS)
        if all(_is_free(port) for port in range(first, first + count)):
            return first


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True
