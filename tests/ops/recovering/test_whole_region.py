"""A region of a running network loses the end of its log, and is recovered by the operator's command."""

from __future__ import annotations

import asyncio
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from typer.testing import CliRunner

from ops.agreement import Verdict, agreements
from ops.dirs import DataDir
from ops.failure import Failure
from ops.ports import FreePorts
from ops.recovering.command import app
from ops.state import RunRecord, read_run
from ops.status import collect
from ops.tokens import Bearer, make_token
from services.chassis.clock import SystemClock
from tests.e2e.network import samverka
from tests.ops.networks import SECONDS_MAX, RunningNetwork, Start, first_of_free
from tests.support.logs import eventually

HOME, PEER = "stockholm", "tokyo"
CLOCK = SystemClock()
LOST = [f"lost {number}" for number in range(25)]
"""More than the region writes again, and takes from its peer again, before it is asked where its log ends."""


class Network:
    """Two regions of one data directory, and what their people and their operator do."""

    def __init__(self, data: Path, running: RunningNetwork) -> None:
        self.data = DataDir.at(data)
        self.running = running

    @property
    def run(self) -> RunRecord:
        run = read_run(self.data)
        assert run is not None
        return run

    async def post(self, body: str) -> None:
        made = await self._ask(
            HOME, "maja", f'mutation {{ createPost(input: {{body: "{body}"}}) {{ post {{ id }} errors {{ code }} }} }}'
        )
        assert made["createPost"]["post"]

    async def posts(self, region: str, author: str) -> list[str]:
        """Return the texts of somebody's posts as a reader in ``region`` sees them, the first first."""
        query = f'{{ person(id: "{author}") {{ posts(first: 50) {{ edges {{ node {{ body }} }} }} }} }}'
        person = (await self._ask(region, "reader", query))["person"]
        return [edge["node"]["body"] for edge in reversed(person["posts"]["edges"])] if person else []

    async def maja(self) -> str:
        return str((await self._ask(HOME, "maja", "{ viewer { id } }"))["viewer"]["id"])

    async def alarms(self) -> set[tuple[str, str]]:
        """Return the alarms as (who sees it, its code)."""
        status = await collect(self.data, clock=CLOCK)
        return {(alarm.region, alarm.code) for region in status.regions for alarm in region.alarms}

    async def agree(self) -> bool:
        try:
            return {one.verdict for one in await agreements(self.data)} == {Verdict.AGREE}
        except Failure:  # a service is still starting
            return False

    async def freeze_and(self, act: Callable[[Path], object]) -> psutil.Process:
        """Do something to the store of the region while its server neither reads nor writes, and return the server."""
        [nats] = [record.identity for record in self.run.of_region(HOME) if record.service == "nats"]
        process = nats.find() if nats else None
        assert process is not None
        process.suspend()
        await asyncio.to_thread(act, self.data.region(HOME).nats_store)
        return process

    async def _ask(self, region: str, name: str, query: str) -> dict[str, Any]:
        token = make_token(self.data, Bearer(region=region, handle=name), lifetime_seconds=600, clock=CLOCK)
        async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
            response = await client.post(
                f"{self.run.urls[region]}/graphql",
                json={"query": query},
                headers={"authorization": f"Bearer {token}"},
            )
        answer: dict[str, Any] = response.json()["data"]
        return answer


@pytest.fixture
def network(start: Start, free_ports: FreePorts, tmp_path: Path) -> Network:
    data, port = tmp_path / "data", first_of_free(2, free_ports)
    running = start("-m", "ops.cli", "up", "--data", str(data), "--port", str(port), "--regions", f"{HOME},{PEER}")
    running.read_until(f"{PEER} is ready")
    return Network(data, running)


async def test_what_a_region_lost_comes_back_from_its_peer_and_the_alarm_ends(network: Network, tmp_path: Path) -> None:
    saved = tmp_path / "saved"
    await network.post("before")
    maja = await network.maja()

    async def shown(region: str, *texts: str) -> None:
        async def is_shown() -> bool:
            try:
                return await network.posts(region, maja) == list(texts)
            except (httpx.HTTPError, TypeError, KeyError):  # its services are starting
                return False

        await eventually(is_shown, seconds=SECONDS_MAX)

    await shown(PEER, "before")
    (await network.freeze_and(lambda store: shutil.copytree(store, saved))).resume()
    for text in LOST:
        await network.post(text)
    await shown(PEER, "before", *LOST)
    epochs = await _epochs(network)

    def put_back(store: Path) -> None:
        shutil.rmtree(store)
        shutil.copytree(saved, store)

    (await network.freeze_and(put_back)).kill()

    async def is_found() -> bool:
        return (PEER, "lost_tail") in await network.alarms()

    await eventually(is_found, seconds=SECONDS_MAX)
    said = await asyncio.to_thread(samverka, "recover", "here", HOME, data=network.data.root)
    assert "is mended" in said

    for region in (HOME, PEER):
        await shown(region, "before", *LOST)
    await network.post("after")
    for region in (HOME, PEER):
        await shown(region, "before", *LOST, "after")

    async def is_quiet() -> bool:
        return await network.alarms() == set()

    await eventually(is_quiet, seconds=SECONDS_MAX)
    await eventually(network.agree, seconds=SECONDS_MAX)
    now = await _epochs(network)
    assert now[PEER] == epochs[PEER]
    assert not now[HOME] & epochs[HOME]
    assert "lacks nothing" in await asyncio.to_thread(_mend_by_hand, network, tmp_path / "tokyo.held")
    assert await asyncio.to_thread(network.running.end, signal.SIGTERM) == 0


async def _epochs(network: Network) -> dict[str, set[str]]:
    status = await collect(network.data, clock=CLOCK)
    return {
        region: {one.position.partition(":")[0] for one in status.projections if one.region == region}
        for region in (HOME, PEER)
    }


def _mend_by_hand(network: Network, file: Path) -> str:
    """Do what operators do who have one region each, and return what the last command says."""
    urls = {
        record.region: f"nats://{record.addresses['nats']}"
        for record in network.run.processes
        if record.service == "nats"
    }
    home, peer = (str(network.data.region(region).root) for region in (HOME, PEER))
    words = (["held", peer, HOME, "--out", str(file), "--url", urls[PEER]], ["mend", home, "--from", str(file)])
    for asked in (words[0], [*words[1], "--url", urls[HOME]]):
        done = CliRunner().invoke(app, asked)
        assert done.exit_code == 0, done.output
    return done.output
