"""A region of a running network loses the end of its log, and is recovered by the operator's command."""

from __future__ import annotations

import asyncio
import shutil
import signal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ops.ports import FreePorts
from ops.recovering.command import app
from ops.status import collect
from tests.e2e.network import samverka
from tests.ops.networks import SECONDS_MAX, Start
from tests.ops.two_regions import CLOCK, HOME, PEER, Network, start_regions
from tests.support.logs import eventually

LOST = [f"lost {number}" for number in range(25)]
"""More than the region writes again, and takes from its peer again, before it is asked where its log ends."""


@pytest.fixture
def network(start: Start, free_ports: FreePorts, tmp_path: Path) -> Network:
    return start_regions(start, free_ports, tmp_path / "data")


@pytest.mark.timeout(900)
async def test_what_a_region_lost_comes_back_from_its_peer_and_the_alarm_ends(network: Network, tmp_path: Path) -> None:
    saved = tmp_path / "saved"
    await network.post("before")
    maja = await network.maja()

    await network.shown(PEER, maja, "before")
    (await network.freeze_and(lambda store: shutil.copytree(store, saved))).resume()
    for text in LOST:
        await network.post(text)
    await network.shown(PEER, maja, "before", *LOST)
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
        await network.shown(region, maja, "before", *LOST)
    await network.post("after")
    for region in (HOME, PEER):
        await network.shown(region, maja, "before", *LOST, "after")

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
    """Return the epochs that each region's projections are in, once all of them tell."""
    found: dict[str, set[str]] = {}

    async def all_tell() -> bool:
        status = await collect(network.data, clock=CLOCK)
        for region in (HOME, PEER):
            found[region] = {one.position.partition(":")[0] for one in status.projections if one.region == region}
        return not any(one.trouble for one in status.projections)

    await eventually(all_tell, seconds=SECONDS_MAX)
    return found


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
