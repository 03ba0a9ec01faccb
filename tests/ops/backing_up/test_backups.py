"""A backup holds what the log held when it was taken, comes back as it was, and says so when it cannot."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from random import Random

import orjson
import pytest
from nats.aio.client import Client

from ops.backing_up.archive import Archive, draft, open_archive
from ops.backing_up.checking import try_out
from ops.backing_up.snapshot import put_back, take
from ops.failure import Failure
from ops.nats.program import find_program
from services.chassis.eventlog.port import Entry
from tests.support.logs import WAIT_SECONDS_MAX, collect, fill, opened, subject
from tests.support.nats import NatsServer

OSLO = "oslo"
TAKEN_MS = 1_800_000_000_000
LARGE_BYTES, LARGE = 200_000, 100
"""Entries that cannot be compressed, more than the server sends without a word from whom it sends to."""


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Client]:
    client = Client()
    await client.connect(url)
    try:
        yield client
    finally:
        await client.close()


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[NatsServer]:
    server = NatsServer(tmp_path / "server")
    await asyncio.to_thread(server.start)
    yield server
    await asyncio.to_thread(server.stop)


@asynccontextmanager
async def another(directory: Path) -> AsyncIterator[NatsServer]:
    server = NatsServer(directory)
    await asyncio.to_thread(server.start)
    try:
        yield server
    finally:
        await asyncio.to_thread(server.stop)


async def backup(server: NatsServer, folder: Path) -> Archive:
    async with connected(server.url) as client:
        with draft(folder) as begun:
            return await take(client, begun, region=OSLO, now_ms=TAKEN_MS)


def essence(entries: list[Entry]) -> list[tuple[int, str, str, bytes, int]]:
    return [(one.sequence, one.subject, one.message_id, one.data, one.arrived_at_ms) for one in entries]


async def test_what_comes_back_is_what_the_log_held_with_its_gaps_under_another_epoch(
    server: NatsServer, tmp_path: Path
) -> None:
    async with opened(server.url, OSLO) as log:
        await fill(log, OSLO, 20)
        async with connected(server.url) as client:
            erased = b'{"seq": 7, "no_erase": false}'
            await client.request("$JS.API.STREAM.MSG.DELETE.EV_OSLO", erased, timeout=WAIT_SECONDS_MAX)
        held = essence(await collect(log, 19))
        await backup(server, tmp_path / "backup")
        await fill(log, OSLO, 1, owner="bengt")

    async with another(tmp_path / "other") as other, connected(other.url) as client:
        await put_back(client, open_archive(tmp_path / "backup"), epoch="second")
        async with opened(other.url, OSLO) as log:
            assert log.epoch == "second"
            assert essence(await collect(log, 19)) == held
            assert await log.last_sequence() == 20
            await fill(log, OSLO, 1, owner="bengt")
            assert await log.last_sequence() == 21


async def test_it_is_tried_by_being_restored_and_read(server: NatsServer, tmp_path: Path) -> None:
    chance = Random(0)
    async with opened(server.url, OSLO) as log:
        for number in range(LARGE):
            await log.append(f"large-{number}", subject(OSLO), chance.randbytes(LARGE_BYTES))
    archive = await backup(server, tmp_path / "backup")

    content = await try_out(archive, program=find_program())

    assert (archive.entries, archive.last_sequence, archive.taken_at_ms) == (LARGE, LARGE, TAKEN_MS)
    assert archive.size > LARGE * LARGE_BYTES
    assert content.entries == {OSLO: LARGE}


async def test_of_an_empty_log_too(server: NatsServer, tmp_path: Path) -> None:
    async with opened(server.url, OSLO):
        pass
    content = await try_out(await backup(server, tmp_path / "backup"), program=find_program())
    assert content.entries == {}


@pytest.mark.parametrize("at", [0, -1])
async def test_a_changed_byte_is_noticed(server: NatsServer, tmp_path: Path, at: int) -> None:
    async with opened(server.url, OSLO) as log:
        await fill(log, OSLO, 5)
    archive = await backup(server, tmp_path / "backup")
    file = archive.folder / "stream.tar.s2"
    changed = bytearray(file.read_bytes())
    changed[at] ^= 1
    file.write_bytes(changed)

    with pytest.raises(Failure, match=r"changed|refuses"):
        await try_out(archive, program=find_program())


async def test_half_a_backup_is_noticed_and_makes_no_log(server: NatsServer, tmp_path: Path) -> None:
    async with opened(server.url, OSLO) as log:
        await fill(log, OSLO, 5)
    archive = await backup(server, tmp_path / "backup")
    file = archive.folder / "stream.tar.s2"
    file.write_bytes(file.read_bytes()[:-20])

    async with another(tmp_path / "other") as other, connected(other.url) as client:
        with pytest.raises(Failure, match="changed"):
            await put_back(client, archive, epoch="second")
        told = orjson.loads((await client.request("$JS.API.STREAM.INFO.EV_OSLO", b"", timeout=WAIT_SECONDS_MAX)).data)
        assert told["error"]["err_code"] == 10059


async def test_a_log_that_is_there_is_not_replaced(server: NatsServer, tmp_path: Path) -> None:
    async with opened(server.url, OSLO) as log:
        await fill(log, OSLO, 3)
        archive = await backup(server, tmp_path / "backup")
        async with connected(server.url) as client:
            with pytest.raises(Failure, match="already in use"):
                await put_back(client, archive, epoch="second")
        assert log.epoch == "epoch-1"
        assert await log.last_sequence() == 3


async def test_where_there_is_no_log_nothing_is_written(server: NatsServer, tmp_path: Path) -> None:
    with pytest.raises(Failure, match="not found"):
        await backup(server, tmp_path / "backup")
    assert [path.name for path in tmp_path.iterdir()] == ["server"]


async def test_a_connection_that_is_gone_leaves_no_half(server: NatsServer, tmp_path: Path) -> None:
    async with opened(server.url, OSLO) as log:
        await fill(log, OSLO, 5)
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(connected(server.url))
        begun = stack.enter_context(draft(tmp_path / "backup"))
        await client.close()
        with pytest.raises(Failure):
            await take(client, begun, region=OSLO, now_ms=TAKEN_MS)
    assert not (tmp_path / "backup").exists()


async def test_a_backup_takes_the_place_of_none(server: NatsServer, tmp_path: Path) -> None:
    async with opened(server.url, OSLO):
        pass
    first = await backup(server, tmp_path / "backup")
    with pytest.raises(Failure, match="there already"):
        await backup(server, tmp_path / "backup")
    assert open_archive(first.folder) == first


@pytest.mark.parametrize("said", [b"", b"{}", b'{"samverka": {"format": 2}, "config": {}, "state": {}}'])
def test_another_folder_is_no_backup(tmp_path: Path, said: bytes) -> None:
    (tmp_path / "backup.json").write_bytes(said)
    with pytest.raises(Failure, match="no backup"):
        open_archive(tmp_path)
    with pytest.raises(Failure, match="cannot be read"):
        open_archive(tmp_path / "nowhere")
