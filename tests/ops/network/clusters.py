"""Regions of three real servers each, as a cluster has them: every server on a loopback address of its own."""

from __future__ import annotations

import re
import signal
import subprocess
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from nats.aio.client import Client

from ops.nats.program import find_program
from ops.nats.server import SERVER_NAME_VARIABLE
from ops.network.description import Region
from ops.ports import FreePorts
from tests.ops.network.directories import Directory
from tests.ops.network.meshes import connected, listens, wait_until

SERVERS = (1, 2, 3)
_LISTENERS = re.compile(r'(listen|http): "127\.0\.0\.1:')
_DIALLED = re.compile(r"urls: \[\"nats-leaf://127\.0\.0\.1:(\d+)\"\]")
"""In a cluster, a balancer stands before the three of them."""
_STOP_SECONDS_MAX = 30


def place_three(name: str, ports: FreePorts) -> Region:
    """Return a region of three servers, which have the same ports on 127.0.0.1, 127.0.0.2 and 127.0.0.3."""
    leaf, client, monitor, route = (ports.take() for _ in range(4))
    return Region(
        name,
        leaf=f"127.0.0.1:{leaf}",
        leaf_listen=f"127.0.0.1:{leaf}",
        client_listen=f"127.0.0.1:{client}",
        monitor_listen=f"127.0.0.1:{monitor}",
        routes=tuple(f"127.0.0.{number}:{route}" for number in SERVERS),
        route_listen=f"127.0.0.1:{route}",
    )


@dataclass
class Three:
    """The three servers of a region; each reads what `samverka network write` wrote, at its own address."""

    directory: Directory
    region: Region

    def __post_init__(self) -> None:
        self._servers: dict[int, subprocess.Popen[bytes]] = {}
        self._clients: dict[str, Client] = {}

    @property
    def home(self) -> Path:
        return self.directory.data.region(self.region.name).root

    def url(self, *numbers: int) -> str:
        port = self.region.client_listen.rpartition(":")[2]
        return ",".join(f"nats://127.0.0.{number}:{port}" for number in numbers or SERVERS)

    async def start(self, *numbers: int) -> None:
        """Start servers, all by default, and wait until they take connections."""
        for number in numbers or SERVERS:
            self._servers[number] = self._spawn(number)
        for number in numbers or SERVERS:
            await wait_until(partial(listens, self.url(number).removeprefix("nats://")))

    def kill(self, number: int) -> None:
        """End a server as a lost machine does."""
        self._servers[number].kill()
        self._servers.pop(number).wait()

    async def client(self, user: str = "keeper") -> Client:
        """Return the connection of one of the region's users to whichever server answers, made the first time."""
        if user not in self._clients:
            seed = str(self.home / f"{user}.nk")
            self._clients[user] = await connected(self.url().split(","), nkeys_seed=seed)
        return self._clients[user]

    async def stop(self) -> None:
        for client in self._clients.values():
            await client.close()
        for process in self._servers.values():
            process.send_signal(signal.SIGTERM)
        for process in self._servers.values():
            try:
                process.wait(_STOP_SECONDS_MAX)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _spawn(self, number: int) -> subprocess.Popen[bytes]:
        text = _LISTENERS.sub(rf'\1: "127.0.0.{number}:', (self.home / "nats.conf").read_text())
        text = _DIALLED.sub(_each_server, text)
        conf = self.home / f"nats-{number}.conf"
        conf.write_text(text.replace(f'"{self.home}/nats"', f'"{self.home}/nats-{number}"'))
        with conf.with_suffix(".log").open("ab") as log:
            return subprocess.Popen(
                [find_program(), "-c", str(conf)],
                env={SERVER_NAME_VARIABLE: f"nats-{number}"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )


def _each_server(dialled: re.Match[str]) -> str:
    return "urls: [" + ", ".join(f'"nats-leaf://127.0.0.{number}:{dialled[1]}"' for number in SERVERS) + "]"
