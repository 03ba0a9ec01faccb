"""Real processes to measure: a log filled by hand, then a node brought up on it by ``samverka up``."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from random import SystemRandom

import httpx
import nats
import nats.errors
import psutil
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import PubAck

from bench.workload import REGION, Sealed, handle
from ops import leashed
from ops.dirs import DataDir, make_private
from ops.nats.keys import ensure_seed
from ops.nats.program import find_program
from ops.nats.rendering import render
from ops.nats.server import NatsServer, Users
from ops.plan import issuer_url
from ops.ports import LOOPBACK, FreePorts, issuer_port
from ops.state import RunRecord, read_run
from ops.tokens import Bearer, make_token
from services.chassis.clock import SystemClock
from services.chassis.eventlog.jetstream import JetStreamLog, open_log
from services.chassis.ids import Ids

START_SECONDS_MAX = 600.0
_APPENDS_IN_FLIGHT = 1_000
_APPEND_SECONDS_MAX = 60.0
_TOKEN_SECONDS = 12 * 3600
_STOP_SECONDS_MAX = 30


def issuer_of(data: DataDir) -> str:
    """Return the URL that the issuer of this directory has, or will have."""
    make_private(data.root)
    make_private(data.issuer_key.parent)
    return issuer_url(issuer_port(data.issuer_port, FreePorts(chance=SystemRandom())))


def token_of(data: DataDir, number: int, *, region: str = REGION) -> str:
    """Return a token of one of the workload's people."""
    return make_token(data, Bearer(region, handle(number)), lifetime_seconds=_TOKEN_SECONDS, clock=SystemClock())


@asynccontextmanager
async def bare_log(data: DataDir, *, synced: bool = True) -> AsyncIterator[tuple[JetStreamLog, Client]]:
    """Run the region's nats-server alone; not ``synced``, it is filled ten times as fast."""
    region = data.region(REGION)
    make_private(region.root)
    listen = f"{LOOPBACK}:{FreePorts(chance=SystemRandom()).take()}"
    users = Users(services=(ensure_seed(region.services_seed, secrets.token_bytes),))
    text = render(NatsServer(region=REGION, store=region.nats_store, client_listen=listen, users=users))
    configuration = region.root / "bench.conf"
    configuration.write_text(text if synced else text.replace("sync_interval: always", 'sync_interval: "2m"'))
    with process([find_program(), "-c", str(configuration)], log=region.root / "bench-nats.log"):
        url = f"nats://{listen}"
        client = await _connected(url, region.services_seed)
        epoch = Ids(REGION, SystemClock()).new().rpartition("_")[2]
        log = await open_log(url=url, region=REGION, new_epoch=epoch, nkey_seed_file=region.services_seed)
        try:
            yield log, client
        finally:
            await log.close()
            await client.close()


async def fill(client: Client, sealed: Iterable[Sealed]) -> int:
    """Append all events, many in flight, in order; return how many."""
    jetstream = client.jetstream(publish_async_max_pending=_APPENDS_IN_FLIGHT, timeout=_APPEND_SECONDS_MAX)
    count = 0
    for chunk in _chunks(sealed, _APPENDS_IN_FLIGHT):
        await asyncio.gather(*[await _append(jetstream, event) for event in chunk])
        count += len(chunk)
    return count


@asynccontextmanager
async def node(data: DataDir, *, regions: Sequence[str] = (REGION,)) -> AsyncIterator[Node]:
    """Run ``samverka up`` on a directory until the block ends."""
    ports = FreePorts(chance=SystemRandom())
    port = _first_of_free(len(regions), ports)
    samverka = str(Path(sys.executable).parent / "samverka")
    command = [samverka, "up", "--regions", ",".join(regions), "--data", str(data.root), "--port", str(port)]
    make_private(data.root)
    with process(command, log=data.root / "up.log") as supervisor:
        running = Node(data, regions, port, supervisor)
        await running.wait_ready()
        yield running


class Node:
    """A running node, or several of one network, and what their processes have cost."""

    def __init__(self, data: DataDir, regions: Sequence[str], port: int, process: subprocess.Popen[bytes]) -> None:
        self.data = data
        self.port = port
        self._regions = regions
        self._process = process

    def port_of(self, region: str) -> int:
        """Return the port of a region's gateway; they stand in a row."""
        return self.port + self._regions.index(region)

    async def wait_ready(self) -> None:
        async with httpx.AsyncClient() as client, asyncio.timeout(START_SECONDS_MAX):
            for region in self._regions:
                while not await self._is_ready(client, self.port_of(region)):  # noqa: ASYNC110 - another process
                    await asyncio.sleep(0.1)

    async def _is_ready(self, client: httpx.AsyncClient, port: int) -> bool:
        if self._process.poll() is not None:
            raise RuntimeError((self.data.root / "up.log").read_text()[-4_000:])
        with contextlib.suppress(httpx.TransportError):
            return (await client.get(f"http://127.0.0.1:{port}/readyz")).is_success
        return False

    def cpu_seconds(self, *services: str) -> float:
        """Return what the processes of these services have used so far, user and system."""
        processes = self._run().processes
        pids = [process.identity.pid for process in processes if process.service in services and process.identity]
        return sum(cpu_seconds(pid) for pid in pids)

    def address_of(self, region: str, service: str, kind: str) -> str:
        """Return where the first replica of a region's service listens for ``kind``, as host:port."""
        of_service = (process for process in self._run().of_region(region) if process.service == service)
        return next(of_service).addresses[kind]

    @asynccontextmanager
    async def log_client(self, region: str) -> AsyncIterator[Client]:
        """Give a connection to a region's nats-server, with the rights of its services."""
        url = f"nats://{self.address_of(region, 'nats', 'nats')}"
        client = await _connected(url, self.data.region(region).services_seed)
        try:
            yield client
        finally:
            await client.close()

    def _run(self) -> RunRecord:
        run = read_run(self.data)
        if run is None:
            raise RuntimeError("nothing runs")
        return run


def cpu_seconds(pid: int) -> float:
    """Return the user and system time of one process."""
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


@contextmanager
def process(command: list[str], *, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process of its own session until the block ends, or this process does, however it does."""
    with log.open("ab") as output:
        running = subprocess.Popen(
            [sys.executable, leashed.__file__, str(os.getpid()), *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            env={**os.environ, "SAMVERKA_TRACE_RATIO": "0.05"},  # that of a node in production
        )
    try:
        yield running
    finally:
        running.send_signal(signal.SIGINT)
        try:
            running.wait(_STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


def _first_of_free(count: int, ports: FreePorts) -> int:
    """Return the first of ``count`` free ports in a row."""
    while True:
        first = ports.take()
        if all(ports.hold(port) for port in range(first + 1, first + count)):
            return first


async def _connected(url: str, seed: Path) -> Client:
    async with asyncio.timeout(30):
        while True:
            with contextlib.suppress(OSError, nats.errors.Error):
                return await nats.connect(url, nkeys_seed=str(seed), allow_reconnect=False, error_cb=_ignore)
            await asyncio.sleep(0.1)


async def _ignore(error: Exception) -> None:
    """The server is only just starting."""


async def _append(jetstream: JetStreamContext, event: Sealed) -> asyncio.Future[PubAck]:
    headers = {"Nats-Msg-Id": event.entry_id}
    future: asyncio.Future[PubAck] = await jetstream.publish_async(event.subject, event.data, headers=headers)
    return future


def _chunks(items: Iterable[Sealed], size: int) -> Iterator[list[Sealed]]:
    chunk: list[Sealed] = []
    for item in items:
        chunk.append(item)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
