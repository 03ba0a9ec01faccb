"""Facts about regions of three servers: their log outlives any one of them, and is shared as that of one server is."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from typing import Any

import pytest

from ops.ports import FreePorts
from services.chassis.clock import SystemClock
from services.chassis.errors import Unavailable
from services.chassis.eventlog.jetstream import JetStreamLog, open_log
from services.chassis.eventlog.keeping import StreamKeeper, open_keeper
from services.chassis.eventlog.port import Expectation, Moved
from services.chassis.eventlog.subjects import stream_name
from tests.ops.network.clusters import SERVERS, Three, place_three
from tests.ops.network.directories import Directory
from tests.ops.network.meshes import answered, held, mesh_of, wait_until
from tests.support.logs import eventually
from tests.support.loopbacks import needs_loopbacks

APPENDED, KILLED_BEHIND = 200, 20
KICK_AGAIN_SECONDS = 10.0


@pytest.fixture
async def two(directory: Directory, free_ports: FreePorts) -> AsyncIterator[list[Three]]:
    directory.now_ms = SystemClock().wall_ms()
    regions = [place_three(name, free_ports) for name in ("stockholm", "tokyo")]
    directory.write(mesh_of(*regions))
    two = [Three(directory, region) for region in regions]
    try:
        for three in two:
            await three.start()
        yield two
    finally:
        for three in two:
            await three.stop()


@needs_loopbacks
async def test_a_log_on_three_servers_loses_and_doubles_nothing_when_one_is_killed(two: list[Three]) -> None:
    stockholm, tokyo = two
    async with AsyncExitStack() as stack:
        log, other = [await _log(stockholm, stack) for _ in range(2)]
        await _log(tokyo, stack, replicas=1)
        _, keeper = await _share(two, stack)
        assert await _replicas(tokyo) == len(SERVERS)  # it was made on one, and the keeper has spread it
        counts = await asyncio.gather(_contend(log, "one"), _contend(other, "other"))
        killed = await _leader(stockholm)
        await _append(log, range(KILLED_BEHIND))
        writing = asyncio.create_task(_append(log, range(KILLED_BEHIND, APPENDED)))
        await asyncio.sleep(0)  # the next is on its way
        stockholm.kill(killed)
        await writing
        await wait_until(lambda: _brings_all(keeper, tokyo))
        of_tokyo = await held(await tokyo.client(), "tokyo")
    assert of_tokyo.pop(_subject("register")) == sum(counts)
    assert of_tokyo == {_subject(f"p{number}"): 1 for number in range(APPENDED)}


async def _log(three: Three, stack: AsyncExitStack, *, replicas: int = len(SERVERS)) -> JetStreamLog:
    """Open a region's log as its services do, and make it the first time."""
    log: JetStreamLog | None = None

    async def answers() -> bool:
        nonlocal log
        try:
            log = await open_log(
                url=three.url(),
                region=three.region.name,
                new_epoch="epoch-1",
                nkey_seed_file=three.home / "services.nk",
                replicas=replicas,
            )
        except Unavailable:  # they have not chosen who leads
            return False
        return True

    await wait_until(answers)
    assert log is not None
    stack.push_async_callback(log.close)
    return log


async def _share(two: list[Three], stack: AsyncExitStack) -> list[StreamKeeper]:
    keepers = []
    for three, peer in (two, reversed(two)):
        keeper = await open_keeper(
            url=three.url(),
            region=three.region.name,
            entropy=secrets.token_bytes,
            nkey_seed_file=three.home / "keeper.nk",
            replicas=len(SERVERS),
        )
        stack.push_async_callback(keeper.close)
        await eventually(lambda keeper=keeper, peer=peer: _keeps(keeper, peer))  # type: ignore[misc]
        keepers.append(keeper)
    return keepers


async def _keeps(keeper: StreamKeeper, peer: Three) -> bool:
    """Whether the log has the peer for its source, at last; a question may be lost while three servers agree."""
    try:
        return not await keeper.keep([peer.region.name])
    except Unavailable:
        return False


async def _brings_all(keeper: StreamKeeper, tokyo: Three) -> bool:
    """Whether all is there; kicks the source as the network service does, whose own next attempt may be far away."""
    if await _holds(tokyo, f"p{APPENDED - 1}"):
        return True
    if await keeper.last_sequence_of("stockholm") is not None:
        with suppress(Unavailable):
            await keeper.kick("stockholm")
        with suppress(TimeoutError):
            await eventually(lambda: _holds(tokyo, f"p{APPENDED - 1}"), seconds=KICK_AGAIN_SECONDS)
    return False


async def _contend(log: JetStreamLog, who: str) -> int:
    """Append to the register that the other appends to, each time on condition; return how often it was done."""
    register, done = _subject("register"), 0
    for attempt in range(30):
        expected = Expectation(register, await log.last_sequence(register))
        try:
            await log.append(f"{who}-{attempt}", register, b"an event", expected=expected)
            done += 1
        except Moved:
            continue
    return done


async def _append(log: JetStreamLog, numbers: range) -> None:
    """Append again what is not acknowledged, as commands do."""
    for number in numbers:
        while True:
            try:
                await log.append(f"id-{number}", _subject(f"p{number}"), b"an event")
                break
            except Unavailable:
                continue


async def _leader(three: Three) -> int:
    return int((await _info(three))["cluster"]["leader"].removeprefix("nats-"))


async def _replicas(three: Three) -> int:
    return int((await _info(three))["config"]["num_replicas"])


async def _info(three: Three) -> dict[str, Any]:
    return await answered(await three.client(), f"$JS.API.STREAM.INFO.{stream_name(three.region.name)}")


async def _holds(three: Three, owner: str) -> bool:
    return _subject(owner) in await held(await three.client(), three.region.name)


def _subject(owner: str) -> str:
    return f"ev.stockholm.pub.feed.{owner}"
