"""A region loses its disk: what was its own alone comes back from a backup, what its peers hold from them."""

from __future__ import annotations

import asyncio
import shutil
import signal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ops.backing_up.command import app
from ops.failure import Failure
from ops.ports import FreePorts
from tests.e2e.network import samverka
from tests.ops.networks import SECONDS_MAX, Start
from tests.ops.two_regions import HOME, PEER, start_regions
from tests.support.logs import eventually


@pytest.mark.timeout(900)
async def test_a_region_that_lost_its_disk_is_restored_and_recovers_the_rest_from_its_peer(
    start: Start, free_ports: FreePorts, tmp_path: Path
) -> None:
    network = start_regions(start, free_ports, tmp_path / "data")
    home, backup = network.data.region(HOME), tmp_path / "backup"
    await network.post("public")
    await network.post("local", reach="LOCAL")
    maja = await network.maja()
    assert "entries up to" in await _backup("take", home.root, "--out", backup)
    await network.post("later")
    await network.shown(PEER, maja, "public", "later")
    with pytest.raises(Failure, match="runs: end"):
        await _backup("restore", backup, home.root)
    assert await asyncio.to_thread(network.running.end, signal.SIGTERM) == 0
    shutil.rmtree(home.nats_store)

    assert "can be restored" in await _backup("check", backup)
    assert "has its log again" in await _backup("restore", backup, home.root)
    network = start_regions(start, free_ports, tmp_path / "data")
    await network.shown(HOME, maja, "public", "local")
    await asyncio.to_thread(samverka, "recover", "here", HOME, data=network.data.root)

    await network.shown(HOME, maja, "public", "local", "later")
    await network.post("after")
    await network.shown(PEER, maja, "public", "later", "after")
    await eventually(network.agree, seconds=SECONDS_MAX)
    assert await asyncio.to_thread(network.running.end, signal.SIGTERM) == 0


async def _backup(*words: str | Path) -> str:
    """Give the command and return what it says; raises what it raises."""
    done = await asyncio.to_thread(CliRunner().invoke, app, [str(word) for word in words])
    if done.exception is not None:
        raise done.exception
    return done.output
