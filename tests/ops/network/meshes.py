"""Real nats-servers on the directories of a network, each with its log and the sources that its peers are."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import nats.errors
from nats.aio.client import Client
from nats.js.api import ExternalStream, StorageType, StreamConfig, StreamSource

from ops.dirs import RegionDir
from ops.nats.accounts import delivery, source_api
from ops.nats.asking import ask_peers
from ops.nats.dropping import drop_links
from ops.nats.program import find_program
from ops.nats.reloading import reload_server
from ops.network.description import Network, Region, full_mesh
from ops.ports import FreePorts
from services.chassis.eventlog.subjects import stream_name
from tests.ops.network.directories import Directory

WAIT_SECONDS_MAX = 120.0
"""A source that is made before its peer's log looks again after as much as 38 s."""
_ANSWER_SECONDS_MAX = 5.0
"""A question that got no answer by then is lost: while servers agree on who leads, nobody answers it any more."""
_LOOK_SECONDS = 0.05
_STOP_SECONDS_MAX = 30


def place(name: str, ports: FreePorts) -> Region:
    """Return a region that listens on free ports."""
    leaf, client, monitor = (f"127.0.0.1:{ports.take()}" for _ in range(3))
    return Region(name, leaf=leaf, leaf_listen=leaf, client_listen=client, monitor_listen=monitor)


def mesh_of(*regions: Region) -> Network:
    return Network("acme", regions, full_mesh([region.name for region in regions]))


class Mesh:
    """The running servers of a network."""

    def __init__(self, directory: Directory) -> None:
        self.directory = directory
        self._servers: dict[str, subprocess.Popen[bytes]] = {}
        self._clients: dict[tuple[str, str], Client] = {}
        self._regions: dict[str, Region] = {}

    async def start(self, region: Region) -> None:
        """Start a region's server and wait until it takes connections."""
        home = self.directory.data.region(region.name)
        self._regions[region.name] = region
        self._servers[region.name] = _spawn(home.nats_conf)
        await wait_until(lambda: listens(region.client_listen))

    def pid(self, region: str) -> int:
        return self._servers[region].pid

    def monitor(self, region: str) -> str:
        return f"http://{self._regions[region].monitor_listen}"

    def url(self, region: str) -> str:
        return f"nats://{self._regions[region].client_listen}"

    async def client(self, region: str, user: str = "keeper", *, fresh: bool = False) -> Client:
        """Return the connection of one of the region's own users, made the first time or if it is to be ``fresh``."""
        if fresh and (region, user) in self._clients:
            await self._clients.pop((region, user)).close()
        if (region, user) not in self._clients:
            seed = self.directory.data.region(region).root / f"{user}.nk"
            self._clients[region, user] = await connected(self.url(region), nkeys_seed=str(seed))
        return self._clients[region, user]

    async def stranger(self, conf: Path, listen: str) -> Client:
        """Start a server that is not of the network, and return a connection to it."""
        self._servers[str(conf)] = _spawn(conf)
        await wait_until(lambda: listens(listen))
        self._clients[listen, ""] = await connected(f"nats://{listen}")
        return self._clients[listen, ""]

    async def publish(self, region: str, reach: str = "pub", owner: str = "maja") -> str:
        """Append an event as the region's services do, and return its subject."""
        subject = f"ev.{region}.{reach}.feed.{owner}"
        await (await self.client(region, "services")).jetstream().publish(subject, b"an event")
        return subject

    async def wait_holds(self, region: str, *subjects: str) -> None:
        """Wait until a region's log holds something on each of ``subjects``."""
        client = await self.client(region)

        async def holds_all() -> bool:
            return set(subjects) <= (await held(client, region)).keys()

        await wait_until(holds_all)

    async def reload(self, *regions: str) -> None:
        """Do what `samverka network reload` does."""
        for region in regions:
            await reload_server(self.pid(region), monitor_url=self.monitor(region))
            await self.drop(region, _peers(self.directory.data.region(region)))

    async def drop(self, region: str, peers: Sequence[str]) -> int:
        """Close the links of all but ``peers``, and return how many there were."""
        seed = self.directory.data.region(region).system_seed
        return await drop_links(url=self.url(region), monitor_url=self.monitor(region), system_seed=seed, peers=peers)

    async def answers(self, region: str) -> dict[str, bool]:
        """Return which peers answer a region, by what its own files say."""
        home = self.directory.data.region(region)
        return await ask_peers(self.url(region), home.keeper_seed, _peers(home))

    async def answer_all(self, region: str) -> bool:
        return all((await self.answers(region)).values())

    async def link_ids(self, region: str) -> list[int]:
        """Return the number that a region's server has given to each of its connected links."""
        return sorted(leaf["id"] for leaf in (await self._shown(region, "leafz")).get("leafs") or [])

    async def has_links(self, region: str, count: int) -> bool:
        return len(await self.link_ids(region)) == count

    async def server_id(self, region: str) -> str:
        """Return the id that a server takes at its start."""
        return str((await self._shown(region, "varz"))["server_id"])

    async def says(self, region: str, text: str) -> bool:
        """Whether a region's server has written ``text`` into its log."""
        return text in self.directory.data.region(region).nats_conf.with_suffix(".log").read_text()

    async def _shown(self, region: str, what: str) -> dict[str, Any]:
        async with httpx.AsyncClient(trust_env=False, timeout=WAIT_SECONDS_MAX) as client:
            shown: dict[str, Any] = (await client.get(f"{self.monitor(region)}/{what}")).json()
            return shown

    async def stop(self) -> None:
        """End all servers, whatever has become of the connections."""
        for process in self._servers.values():
            process.send_signal(signal.SIGTERM)
        for process in self._servers.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(_STOP_SECONDS_MAX)
            process.kill()
            process.wait()
        for client in self._clients.values():
            with suppress(nats.errors.Error, OSError):
                await client.close()


def certificate_shown(address: str, dialler: RegionDir) -> bytes:
    """Return the certificate (DER) by which the server that listens there for leafnodes proves itself to a peer."""
    context = ssl.create_default_context(cafile=dialler.authority)
    context.check_hostname = False
    context.load_cert_chain(dialler.certificate, dialler.certificate_key)
    host, _, port = address.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=_STOP_SECONDS_MAX) as line:
        while not line.recv(4096).endswith(b"\r\n"):  # INFO comes in the clear
            pass
        with context.wrap_socket(line) as secured:
            return secured.getpeercert(binary_form=True) or b""


async def make_log(client: Client, region: str, peers: list[str], *, verb: str = "CREATE") -> None:
    """Make (or UPDATE) a region's stream: its own subjects, and one filtered source a peer."""
    config = StreamConfig(
        name=stream_name(region),
        subjects=[f"ev.{region}.>"],
        storage=StorageType.FILE,
        allow_direct=True,
        sources=[
            StreamSource(
                name=stream_name(peer),
                filter_subject=f"ev.{peer}.pub.>",
                external=ExternalStream(api=source_api(peer), deliver=delivery(peer, region)),
            )
            for peer in peers
        ],
    )
    answer = await answered(client, f"$JS.API.STREAM.{verb}.{stream_name(region)}", config.as_dict())
    assert "error" not in answer, answer


async def answered(client: Client, subject: str, body: object = None) -> dict[str, Any]:
    """Ask until it is answered, and return the answer."""
    answers: list[dict[str, Any]] = []

    async def is_answered() -> bool:
        answer = await ask(client, subject, body)
        answers.extend([] if answer is None else [answer])
        return answer is not None

    await wait_until(is_answered)
    return answers[0]


async def ask(
    client: Client, subject: str, body: object = None, *, seconds: float = _ANSWER_SECONDS_MAX
) -> dict[str, Any] | None:
    """Return what is answered, None if nothing is."""
    data = b"" if body is None else json.dumps(body).encode()
    try:
        answer = await client.request(subject, data, timeout=seconds)
    except (nats.errors.TimeoutError, nats.errors.NoRespondersError):
        return None
    found: dict[str, Any] = json.loads(answer.data)
    return found


async def held(client: Client, region: str) -> dict[str, int]:
    """Return how many entries a region's log holds on each subject."""
    answer = await answered(client, f"$JS.API.STREAM.INFO.{stream_name(region)}", {"subjects_filter": ">"})
    return dict(answer["state"].get("subjects") or {})


async def wait_until(condition: Callable[[], Awaitable[bool]], *, seconds: float = WAIT_SECONDS_MAX) -> None:
    deadline = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(_LOOK_SECONDS)


async def connected(url: str | list[str], **options: Any) -> Client:
    client = Client()
    await client.connect(url, error_cb=_ignore, max_reconnect_attempts=-1, reconnect_time_wait=1, **options)
    return client


def _spawn(conf: Path) -> subprocess.Popen[bytes]:
    with conf.with_suffix(".log").open("ab") as log:
        return subprocess.Popen(
            [find_program(), "-c", str(conf)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def _peers(home: RegionDir) -> list[str]:
    peers: list[str] = json.loads(home.peers.read_text())["peers"]
    return peers


async def listens(address: str) -> bool:
    host, _, port = address.rpartition(":")
    with suppress(OSError), socket.create_connection((host, int(port)), timeout=1) as line:
        return line.recv(4) == b"INFO"
    return False


async def _ignore(error: Exception) -> None:
    """Refusals are what some tests ask for."""
