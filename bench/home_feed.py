"""The home feed through everything: HTTP, gateway, gRPC, SQLite; CPU of gateway and service beside the floor of the run."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import httpx
import orjson

from bench.http_load import Load, post, run_load
from bench.nodes import Node, cpu_seconds, process, token_of
from bench.report import Figure
from samverka.feed.v1 import feed_service_pb2 as pb
from samverka.feed.v1 import feed_views_pb2 as views

IN_FLIGHT = 16
READERS_MAX = 200
_TICK_SECONDS = 0.01
"""The system counts CPU in these."""
ROUNDS = 20
"""The node and the floor take turns, so that whatever else the machine does meets both alike."""
QUERY = """query ($first: Int) { homeFeed(first: $first) {
  edges { cursor node { id body author { handle } commentCount reactions { emoji count viewerReacted } } }
  pageInfo { hasNextPage endCursor } } }"""


@dataclass(frozen=True, slots=True)
class _Round:
    """One turn of one of the two: the load, and the CPU that a request took, in milliseconds, by process."""

    load: Load
    cpu_ms: dict[str, float]

    @property
    def sum_ms(self) -> float:
        return sum(self.cpu_ms.values())


async def measure(node: Node, *, people: int, requests: int) -> list[Figure]:
    """Load the node and the floor in turns, and return what a request of each costs: medians over the rounds,
    and the ratio over all of them."""
    asked = _requests(node, readers=min(people, READERS_MAX))
    await _expect_full_page(node)
    await run_load(node.port, asked, count=max(len(asked) * 2, requests // 5), in_flight=IN_FLIGHT)
    services = ("gateway", "feed")
    async with _floor(node.data.root) as (port, pids):
        nothing = [post("/graphql", b"{}", port=port, token="none")]
        await run_load(port, nothing, count=requests // 5, in_flight=IN_FLIGHT)
        real, floor = [], []
        for _ in range(ROUNDS):
            real.append(
                await _round(
                    lambda: {service: node.cpu_seconds(service) for service in services},
                    run_load(node.port, asked, count=requests // ROUNDS, in_flight=IN_FLIGHT),
                )
            )
            floor.append(
                await _round(
                    lambda: {service: cpu_seconds(pids[service]) for service in services},
                    run_load(port, nothing, count=requests // ROUNDS, in_flight=IN_FLIGHT),
                )
            )
    ratios = [mine.sum_ms / least.sum_ms for mine, least in zip(real, floor, strict=True)]
    # Of all rounds together: of one alone it varies by a tenth, for the floor's takes a second.
    ratio = sum(turn.sum_ms for turn in real) / sum(turn.sum_ms for turn in floor)
    return [
        *_figures("home feed", real),
        *_figures("floor", floor),
        Figure("home feed / floor: CPU", ratio, "x, goal 2.5"),
        Figure("home feed / floor: CPU, best and worst round", min(ratios), f"x to {max(ratios):.2f} x"),
    ]


async def _round(used: Callable[[], dict[str, float]], loading: Awaitable[Load]) -> _Round:
    before = used()
    load = await loading
    after = used()
    seconds = {service: max(_TICK_SECONDS, after[service] - before[service]) for service in after}
    return _Round(load, {service: spent / load.requests * 1000 for service, spent in seconds.items()})


def _figures(name: str, rounds: list[_Round]) -> list[Figure]:
    return [
        Figure(f"{name}: CPU of gateway and feed", median(turn.sum_ms for turn in rounds), "ms/request"),
        Figure(f"{name}: CPU of the gateway", median(turn.cpu_ms["gateway"] for turn in rounds), "ms/request"),
        Figure(f"{name}: CPU of the feed", median(turn.cpu_ms["feed"] for turn in rounds), "ms/request"),
        Figure(f"{name}: requests", median(turn.load.per_second for turn in rounds), "requests/s"),
        Figure(f"{name}: p50", median(turn.load.p50_ms for turn in rounds), f"ms at {IN_FLIGHT} in flight"),
        Figure(f"{name}: p99", median(turn.load.p99_ms for turn in rounds), f"ms at {IN_FLIGHT} in flight"),
    ]


def _requests(node: Node, *, readers: int) -> list[bytes]:
    body = orjson.dumps({"query": QUERY, "variables": {"first": 20}})
    return [post("/graphql", body, port=node.port, token=token_of(node.data, reader)) for reader in range(readers)]


async def _expect_full_page(node: Node) -> None:
    """Raise unless the first reader gets twenty posts: an empty page would be cheap."""
    headers = {"authorization": f"Bearer {token_of(node.data, 0)}"}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{node.port}", headers=headers) as client:
        answer = (await client.post("/graphql", json={"query": QUERY, "variables": {"first": 20}})).json()
    edges = answer["data"]["homeFeed"]["edges"]
    if len(edges) != 20:
        raise RuntimeError(f"the page has {len(edges)} posts")


@asynccontextmanager
async def _floor(folder: Path) -> AsyncIterator[tuple[int, dict[str, int]]]:
    """Run the floor's two processes; give the port of its gateway, and the pids by the service that each stands for."""
    stored = folder / "page.bin"
    stored.write_bytes(_page().SerializeToString())
    service_port, gateway_port = _free_port(), _free_port()
    module = [sys.executable, "-m", "bench.floor"]
    with (
        process([*module, "service", str(service_port), str(stored)], log=folder / "floor.log") as service,
        process([*module, "gateway", str(gateway_port), str(service_port)], log=folder / "floor.log") as gateway,
    ):
        await _wait_for(gateway_port)
        yield gateway_port, {"gateway": gateway.pid, "feed": service.pid}


def _page() -> pb.ListHomeFeedResponse:
    """Return a page as large as a real one."""
    response = pb.ListHomeFeedResponse()
    for number in range(20):
        author = views.Author(
            id=f"stockholm_{number:026}", handle=f"person-{number}", name="Person", region="stockholm"
        )
        node = views.Post(id=f"stockholm_{number:026}", body="word " * 40, author=author, created_at_ms=number)
        node.reactions.add(emoji="👍", count=3)
        response.posts.edges.add(cursor=f"epoch:{number}", node=node)
    return response


async def _wait_for(port: int) -> None:
    asked = [post("/graphql", b"{}", port=port, token="none")]
    async with asyncio.timeout(30):
        while True:
            with contextlib.suppress(OSError, RuntimeError, asyncio.IncompleteReadError):
                await run_load(port, asked, count=1, in_flight=1)
                return
            await asyncio.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
