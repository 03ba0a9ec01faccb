"""Every process is killed under load, and nothing that was acknowledged is lost or doubled."""

from __future__ import annotations

import asyncio
import shutil
from operator import itemgetter
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.network import Client, Network, wait_until

pytestmark = pytest.mark.timeout(900)
WRITERS = 4
SERVICES = ("profile", "feed", "recognition", "search", "network")
ROUND_SECONDS_MAX = 180.0


async def test_kill_9_of_any_process_loses_and_doubles_nothing(tmp_path: Path) -> None:
    network = Network(data=tmp_path / "data")
    await network.start()
    try:
        acknowledged = await write_while_killing(network)
        await network.wait_ready()
        for handle, posts in acknowledged.items():
            async with network.client(handle) as client:
                found = await client.home_feed()
            assert sorted(post["id"] for post in found) == sorted(posts.values())
            assert sorted(post["body"] for post in found) == sorted(posts)
        before = await settled_digest(network)

        assert await network.stop() == 0
        throw_projections_away(network.data)
        await network.start()

        assert await settled_digest(network) == before
    finally:
        await network.stop()


async def write_while_killing(network: Network) -> dict[str, dict[str, str]]:
    """Return what was acknowledged: for each writer, the id of each body."""
    over = asyncio.Event()
    acknowledged: dict[str, dict[str, str]] = {f"writer-{n}": {} for n in range(WRITERS)}
    async with asyncio.TaskGroup() as tasks:
        for handle, posts in acknowledged.items():
            tasks.create_task(write(network, handle, posts, over))
        await every_writer_gets_on(acknowledged)
        for name in sorted(network.pids()):
            await wait_until(lambda name=name: name in network.pids(), seconds=ROUND_SECONDS_MAX)  # type: ignore[misc]
            network.kill(name)
            await every_writer_gets_on(acknowledged)
        over.set()
    return acknowledged


async def write(network: Network, handle: str, posts: dict[str, str], over: asyncio.Event) -> None:
    async with network.client(handle) as client:
        number = 0
        while not over.is_set():
            number += 1
            body = f"{handle} writes {number}"
            posts[body] = await client.create_post_until_acknowledged(body, f"k{number}", seconds=ROUND_SECONDS_MAX)


async def every_writer_gets_on(acknowledged: dict[str, dict[str, str]]) -> None:
    """Wait until each writer has had several more acknowledgements: the load goes on, and through the killed one."""
    wanted = {handle: len(posts) + 5 for handle, posts in acknowledged.items()}
    await wait_until(
        lambda: all(len(acknowledged[handle]) >= count for handle, count in wanted.items()), seconds=ROUND_SECONDS_MAX
    )


async def settled_digest(network: Network) -> list[Any]:
    """Return the digest of every replica's tables once all have caught up with the log."""
    position: list[Any] = []

    def settled() -> bool:
        status = network.status()
        position[:] = [projection["lag_events"] for projection in status["projections"]]
        ready = all(projection["ready"] and not projection["trouble"] for projection in status["projections"])
        return ready and len(position) == len(SERVICES) and not any(position)

    await wait_until(settled, seconds=ROUND_SECONDS_MAX)
    return [(replica["service"], replica["tables"]) for replica in sorted(network.digest(), key=itemgetter("name"))]


def throw_projections_away(data: Path) -> None:
    folders = {path.parent for path in data.rglob("*.sqlite")}
    assert len(folders) == len(SERVICES), "one for each service"
    for folder in folders:
        shutil.rmtree(folder)


async def test_a_writer_that_is_never_acknowledged_fails_the_test() -> None:
    """The load above cannot pass by doing nothing."""

    class Refusing(Client):
        async def answer(self, query: str, **variables: Any) -> dict[str, Any]:
            return {"data": {"createPost": {"post": None}}}

    with pytest.raises(AssertionError, match="not acknowledged"):
        await Refusing(None).create_post_until_acknowledged("b", "k", seconds=0.1)  # type: ignore[arg-type]
