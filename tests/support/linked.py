"""Regions whose nats-servers are linked by leafnodes, as a network's are; each link goes through a proxy that
can be cut, or left hanging.

Every pair has an account of its own on either side, which lets through what a source needs and nothing else.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from random import SystemRandom

from ops.ports import FreePorts
from services.chassis.eventlog.subjects import stream_name
from tests.support.nats import LOOPBACK, NatsServer

_BUFFER_BYTES = 64 * 1024


class Link:
    """A TCP proxy in front of a server's leafnode port."""

    def __init__(self, target_port: int) -> None:
        self.port = 0
        self._target_port = target_port
        self._cut = False
        self._passing = asyncio.Event()
        self._passing.set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._accept, LOOPBACK, 0)
        self.port = self._server.sockets[0].getsockname()[1]

    def cut(self) -> None:
        self._cut = True
        for task in self._tasks:
            task.cancel()

    def hang(self) -> None:
        """Leave every connection open, take new ones, and let nothing pass, not even that one has ended."""
        self._passing.clear()

    def heal(self) -> None:
        self._cut = False
        self._passing.set()

    async def close(self) -> None:
        self.cut()
        if self._server is not None:
            self._server.close()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._cut:
            writer.transport.abort()
            return
        task = asyncio.create_task(self._carry(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers = [writer]
        try:
            await self._passing.wait()
            far_reader, far_writer = await asyncio.open_connection(LOOPBACK, self._target_port)
            writers.append(far_writer)
            async with asyncio.TaskGroup() as pumps:
                pumps.create_task(self._pump(reader, far_writer))
                pumps.create_task(self._pump(far_reader, writer))
        except* OSError:  # the server is gone, or one end has broken off
            pass
        finally:
            for end in writers:
                end.transport.abort()

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while chunk := await source.read(_BUFFER_BYTES):
            await self._passing.wait()
            sink.write(chunk)
            await sink.drain()
        await self._passing.wait()
        sink.transport.abort()


class LinkedRegions:
    """The servers of some regions, a full mesh: the later one of a pair dials the earlier."""

    def __init__(self, directory: Path, regions: Sequence[str]) -> None:
        self.servers: dict[str, NatsServer] = {}
        self.links: dict[frozenset[str], Link] = {}
        self._directory = directory
        self._regions = regions
        self._ports = FreePorts(chance=SystemRandom())
        self._leaf_ports = {region: self._ports.take() for region in regions}

    def url(self, region: str) -> str:
        return self.servers[region].url

    def link(self, one: str, other: str) -> Link:
        return self.links[frozenset((one, other))]

    async def start(self) -> None:
        for number, region in enumerate(self._regions):
            dialled = {}
            for earlier in self._regions[:number]:
                link = self.links[frozenset((earlier, region))] = Link(self._leaf_ports[earlier])
                await link.start()
                dialled[earlier] = link.port
            peers = [peer for peer in self._regions if peer != region]
            more = configuration(region, peers, leaf_port=self._leaf_ports[region], dialled=dialled)
            server = self.servers[region] = NatsServer(self._directory / region, domain=region, more=more)
            await asyncio.to_thread(server.start)

    async def close(self) -> None:
        for link in self.links.values():
            await link.close()
        for server in self.servers.values():
            await asyncio.to_thread(server.stop)


@asynccontextmanager
async def linked_regions(directory: Path, *regions: str) -> AsyncIterator[LinkedRegions]:
    """Run the servers of ``regions``, each linked with each."""
    async with AsyncExitStack() as stack:
        network = LinkedRegions(directory, regions)
        stack.push_async_callback(network.close)
        await network.start()
        yield network


def configuration(region: str, peers: Sequence[str], *, leaf_port: int, dialled: dict[str, int]) -> str:
    """Return the accounts and leafnodes of a region's server; ``dialled`` maps a peer to the port that leads to it."""
    exports, imports, porches = [], [], []
    for peer in peers:
        account = _account(peer)
        exports += [
            f'{{ service: "$JS.API.{_request(region)}", accounts: [{account}] }}',
            f'{{ service: "$JS.FC.{stream_name(region)}.>", accounts: [{account}] }}',
            f'{{ stream: "fed.{region}.{peer}.>", accounts: [{account}] }}',
        ]
        imports += [
            f'{{ service: {{ account: {account}, subject: "FED.{peer}.API.{_request(peer)}" }} }}',
            f'{{ service: {{ account: {account}, subject: "$JS.FC.{stream_name(peer)}.>" }} }}',
            f'{{ stream: {{ account: {account}, subject: "fed.{peer}.{region}.>" }} }}',
        ]
        porches.append(_porch(region, peer))
    remotes = "\n".join(
        f'{{ urls: ["nats-leaf://{_account(region)}:p@{LOOPBACK}:{port}"], account: {_account(peer)} }}'
        for peer, port in dialled.items()
    )
    return f"""\
ping_interval: "1s"
ping_max: 2
leafnodes {{
  listen: {json.dumps(f"{LOOPBACK}:{leaf_port}")}
  no_advertise: true
  isolate_leafnode_interest: true
  reconnect: "100ms"
  remotes: [
{remotes}
  ]
}}
accounts {{
  APP {{
    jetstream: enabled
    users: [ {{ user: app, password: p }} ]
    exports: [
{_lines(exports)}
    ]
    imports: [
{_lines(imports)}
    ]
  }}
{"".join(porches)}\
}}
no_auth_user: app
"""


def _porch(region: str, peer: str) -> str:
    return f"""\
  {_account(peer)} {{
    users: [ {{ user: {_account(peer)}, password: p, allowed_connection_types: ["LEAFNODE"] }} ]
    imports: [
      {{ service: {{ account: APP, subject: "$JS.API.{_request(region)}" }}, to: "FED.{region}.API.{_request(region)}" }}
      {{ service: {{ account: APP, subject: "$JS.FC.{stream_name(region)}.>" }} }}
      {{ stream: {{ account: APP, subject: "fed.{region}.{peer}.>" }} }}
    ]
    exports: [
      {{ service: "FED.{peer}.API.{_request(peer)}", accounts: [APP] }}
      {{ service: "$JS.FC.{stream_name(peer)}.>", accounts: [APP] }}
      {{ stream: "fed.{peer}.{region}.>", accounts: [APP] }}
    ]
  }}
"""


def _request(origin: str) -> str:
    return f"CONSUMER.CREATE.{stream_name(origin)}.*.ev.{origin}.pub.>"


def _account(peer: str) -> str:
    return f"PEER_{peer.upper()}"


def _lines(items: Sequence[str]) -> str:
    return "\n".join(f"      {item}" for item in items)
