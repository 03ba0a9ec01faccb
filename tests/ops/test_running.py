"""Facts about a network of several regions while it runs: real servers and links, stand-ins for what stands on them."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from ops.control import ask
from ops.dirs import DataDir
from ops.failure import Failure
from ops.ports import FreePorts
from ops.state import LinkRecord, LinkState, RunRecord, State, read_run
from tests.ops.networks import SECONDS_MAX, RunningNetwork, StartNetwork, first_of_free
from tests.ops.sharing import SharedLog


@pytest.fixture
def data(tmp_path: Path) -> DataDir:
    return DataDir.at(tmp_path / "data")


@pytest.fixture
def network(data: DataDir, start_network: StartNetwork, free_ports: FreePorts) -> RunningNetwork:
    network = start_network(data.root, first_of_free(3, free_ports), "stockholm", "tokyo")
    network.read_until("tokyo is ready: ")
    return network


@pytest.fixture
async def logs(data: DataDir, network: RunningNetwork) -> AsyncIterator[tuple[SharedLog, SharedLog]]:
    """The logs of stockholm and tokyo, each of which sources the other."""
    async with AsyncExitStack() as stack:
        stockholm, tokyo = [
            await stack.enter_async_context(SharedLog.of(data, _run(data), region)) for region in ("stockholm", "tokyo")
        ]
        await stockholm.make(["tokyo"])
        await tokyo.make(["stockholm"])
        await stockholm.source_anew(["tokyo"])
        await tokyo.source_anew(["stockholm"])
        yield stockholm, tokyo


def _run(data: DataDir) -> RunRecord:
    run = read_run(data)
    assert run is not None
    return run


async def test_what_is_public_passes_a_link_and_what_is_local_does_not(logs: tuple[SharedLog, SharedLog]) -> None:
    stockholm, tokyo = logs
    await stockholm.append("for us alone", reach="local")
    await stockholm.append("for everybody")
    await tokyo.append("hello")
    assert await tokyo.next() == "for everybody"
    assert await stockholm.next() == "hello"


@pytest.mark.parametrize(("verb", "state"), [("cut", LinkState.CUT), ("hang", LinkState.HANGING)])
async def test_nothing_passes_a_link_that_failed_and_all_of_it_when_it_is_healed(
    verb: str, state: LinkState, data: DataDir, logs: tuple[SharedLog, SharedLog]
) -> None:
    stockholm, tokyo = logs
    await stockholm.append("before")
    assert await tokyo.next() == "before"
    await ask(data, verb, ["tokyo", "stockholm"])
    assert _run(data).links == [LinkRecord(["stockholm", "tokyo"], state)]
    await stockholm.append("during")
    await tokyo.append("meanwhile")
    assert await tokyo.what_came() == []
    assert await stockholm.what_came() == []
    await ask(data, "heal", ["stockholm", "tokyo"])
    assert _run(data).links == [LinkRecord(["stockholm", "tokyo"], LinkState.OPEN)]
    await stockholm.source_anew(["tokyo"])
    await tokyo.source_anew(["stockholm"])
    await stockholm.append("after")
    assert [await tokyo.next(), await tokyo.next()] == ["during", "after"]
    assert await stockholm.next() == "meanwhile"


async def test_a_region_joins_and_nobody_else_restarts(data: DataDir, logs: tuple[SharedLog, SharedLog]) -> None:
    stockholm, _ = logs
    before = _run(data)
    said = await ask(data, "add", ["austin"])
    after = _run(data)
    port = int(before.urls["tokyo"].rpartition(":")[2]) + 1
    assert said == f"austin is ready: http://127.0.0.1:{port}/graphql"
    assert after.urls == {**before.urls, "austin": f"http://127.0.0.1:{port}"}
    assert [process for process in after.processes if process.region != "austin"] == before.processes
    assert {process.state for process in after.of_region("austin")} == {State.READY}
    assert [link.regions for link in after.links] == [
        ["stockholm", "tokyo"],
        ["stockholm", "austin"],
        ["tokyo", "austin"],
    ]
    await stockholm.append("for whoever joins")
    async with SharedLog.of(data, after, "austin") as austin:
        await austin.make(["stockholm"])
        assert await austin.next() == "for whoever joins"


async def test_a_region_that_joined_stops_with_all_others(data: DataDir, network: RunningNetwork) -> None:
    await ask(data, "add", ["austin"])
    children = network.descendants()
    assert network.end(signal.SIGTERM) == 0
    assert [child for child in children if child.is_running()] == []
    assert not data.run.exists()


async def test_a_region_leaves_and_nobody_else_restarts(data: DataDir, logs: tuple[SharedLog, SharedLog]) -> None:
    stockholm, tokyo = logs
    before = _run(data)
    await ask(data, "add", ["austin"])
    gone = [record.identity for record in _run(data).of_region("austin")]

    said = await ask(data, "remove", ["austin"])

    after = _run(data)
    assert said.startswith("austin has left.")
    assert (after.urls, after.links) == (before.urls, before.links)
    assert after.processes == before.processes
    assert not any(identity.find() for identity in gone if identity)
    assert data.regions() == ["austin", "stockholm", "tokyo"]  # its log stays
    for region in ("stockholm", "tokyo"):
        assert "austin" not in data.region(region).nats_conf.read_text()
        assert "austin" not in data.region(region).peers.read_text()
    await stockholm.append("go on")
    assert await tokyo.next() == "go on"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["remove", "austin"], "austin does not run here"),
        (["rest", "austin"], "austin does not run here"),
        (["add", "tokyo"], "tokyo runs already"),
        (["add", "Austin"], "is no region"),
        (["cut", "tokyo", "austin"], "no link between tokyo and austin; there is stockholm–tokyo"),
        (["heal", "tokyo", "tokyo"], "no link between tokyo and tokyo"),
    ],
)
async def test_what_cannot_be_done_is_told(words: list[str], why: str, data: DataDir, network: RunningNetwork) -> None:
    before = _run(data)
    with pytest.raises(Failure, match=why):
        await ask(data, words[0], words[1:])
    assert _run(data) == before


async def test_a_server_that_is_killed_comes_back_to_its_links(
    data: DataDir, network: RunningNetwork, logs: tuple[SharedLog, SharedLog]
) -> None:
    stockholm, tokyo = logs
    (server,) = [process for process in _run(data).of_region("stockholm") if process.service == "nats"]
    assert server.identity is not None
    os.kill(server.identity.pid, signal.SIGKILL)
    network.read_until("stockholm/nats is ready again.")
    await stockholm.wait_answered("tokyo")
    await tokyo.wait_answered("stockholm")


def test_a_region_that_is_left_out_is_told_and_nothing_is_started(
    data: DataDir, network: RunningNetwork, start_network: StartNetwork, free_ports: FreePorts
) -> None:
    assert network.end(signal.SIGTERM) == 0
    configured = data.region("stockholm").nats_conf.read_bytes()
    again = start_network(data.root, free_ports.take(), "stockholm")
    said, _ = again.process.communicate(timeout=SECONDS_MAX)
    assert again.process.returncode == 1
    assert f"{data.root} also holds tokyo. Bring all of it up by --regions stockholm,tokyo" in said
    assert data.region("stockholm").nats_conf.read_bytes() == configured
