"""Facts about links: real sockets on both sides of a real proxy."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import pytest

from ops.failure import Failure
from ops.links import LINES_MAX, Link, Links
from ops.plan import LinkPlan
from ops.ports import LOOPBACK, FreePorts, is_free
from ops.state import LinkState

SECONDS_MAX = 60.0
SILENCE_SECONDS = 0.2
"""How long nothing may arrive before it counts as nothing; a line on this machine takes a few milliseconds."""


class FarSide:
    """The listener that is dialled: it keeps its connections for the test to use."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.accepted: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
        self._server: asyncio.Server | None = None
        self._writers: list[asyncio.StreamWriter] = []

    async def listen(self) -> None:
        self._server = await asyncio.start_server(self._accept, LOOPBACK, self.port)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        self.accepted.put_nowait((reader, writer))

    async def take(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        async with asyncio.timeout(SECONDS_MAX):
            return await self.accepted.get()

    def die(self) -> None:
        """End as a killed process does: its sockets close."""
        if self._server is not None:
            self._server.close()
        for writer in self._writers:
            writer.transport.abort()


@pytest.fixture
async def far(free_ports: FreePorts) -> AsyncIterator[FarSide]:
    side = FarSide(free_ports.take())
    await side.listen()
    yield side
    side.die()


@asynccontextmanager
async def started(plan: LinkPlan) -> AsyncIterator[Link]:
    link = Link(plan)
    async with asyncio.TaskGroup() as tasks:
        await link.start(tasks)
        try:
            yield link
        finally:
            await link.close()


@pytest.fixture
def plan(far: FarSide, free_ports: FreePorts) -> LinkPlan:
    return LinkPlan(listener="stockholm", dialler="tokyo", port=free_ports.take(), leaf_port=far.port)


class NearSide:
    """Who connects to the link."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    @asynccontextmanager
    async def connected(cls, plan: LinkPlan) -> AsyncIterator[NearSide]:
        reader, writer = await asyncio.open_connection(*plan.listen)
        try:
            yield cls(reader, writer)
        finally:
            writer.transport.abort()


async def ended(reader: asyncio.StreamReader) -> bool:
    """Wait until the connection is over; whatever comes before is read."""
    async with asyncio.timeout(SECONDS_MAX):
        try:
            while await reader.read(65_536):
                pass
        except ConnectionError:
            pass
    return True


async def silent(reader: asyncio.StreamReader) -> bool:
    """Whether nothing comes, not even an end."""
    try:
        async with asyncio.timeout(SILENCE_SECONDS):
            await reader.read(1)
    except TimeoutError:
        return True
    return False


async def exactly(reader: asyncio.StreamReader, count: int) -> bytes:
    async with asyncio.timeout(SECONDS_MAX):
        return await reader.readexactly(count)


async def test_bytes_pass_both_ways(plan: LinkPlan, far: FarSide) -> None:
    async with started(plan), NearSide.connected(plan) as near:
        far_reader, far_writer = await far.take()
        far_writer.write(b"INFO")
        assert await exactly(near.reader, 4) == b"INFO"
        near.writer.write(b"CONNECT")
        assert await exactly(far_reader, 7) == b"CONNECT"


async def test_a_stream_of_many_buffers_arrives_whole_and_in_order(plan: LinkPlan, far: FarSide) -> None:
    sent = b"".join(number.to_bytes(4, "big") for number in range(2_000_000))
    async with started(plan), NearSide.connected(plan) as near:
        far_reader, far_writer = await far.take()

        async def send(writer: asyncio.StreamWriter) -> None:
            writer.write(sent)
            writer.write_eof()
            await writer.drain()

        async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
            tasks.create_task(send(near.writer))
            tasks.create_task(send(far_writer))
            one, other = tasks.create_task(near.reader.read()), tasks.create_task(far_reader.read())
    assert one.result() == other.result() == sent


async def test_what_was_sent_before_an_end_arrives_and_the_other_way_stays_open(plan: LinkPlan, far: FarSide) -> None:
    async with started(plan), NearSide.connected(plan) as near:
        far_reader, far_writer = await far.take()
        near.writer.write(b"last words")
        near.writer.write_eof()
        async with asyncio.timeout(SECONDS_MAX):
            assert await far_reader.read() == b"last words"
        far_writer.write(b"heard")
        assert await exactly(near.reader, 5) == b"heard"


async def test_a_slow_reader_makes_its_writer_wait(plan: LinkPlan, far: FarSide) -> None:
    """What the link holds for a reader that does not read is far less than what is to be sent."""
    async with started(plan):
        line = socket.create_connection(plan.listen)
        with line:
            line.setblocking(False)
            _, far_writer = await far.take()
            cast("asyncio.Transport", far_writer.transport).pause_reading()
            written = await _write_until_it_waits(line, 256 * 1024 * 1024)
    assert written < 64 * 1024 * 1024  # the kernel's buffers of two connections, and ours


async def _write_until_it_waits(line: socket.socket, bytes_max: int) -> int:
    """Write until nothing is taken any more, and return how much was."""
    loop, chunk, written = asyncio.get_running_loop(), b"x" * 1024 * 1024, 0
    try:
        while written < bytes_max:
            async with asyncio.timeout(1.0):
                await loop.sock_sendall(line, chunk)
            written += len(chunk)
    except TimeoutError:
        pass
    return written


async def test_a_cut_breaks_connections_and_refuses_new_ones(plan: LinkPlan, far: FarSide) -> None:
    async with started(plan) as link, NearSide.connected(plan) as near:
        far_reader, _ = await far.take()
        link.cut()
        assert await ended(near.reader)
        assert await ended(far_reader)
        async with NearSide.connected(plan) as again:
            assert await ended(again.reader)
        assert far.accepted.empty()


async def test_a_cut_breaks_a_connection_whose_reader_does_not_read(plan: LinkPlan, far: FarSide) -> None:
    async with started(plan) as link, NearSide.connected(plan) as near:
        far_reader, _ = await far.take()
        near.writer.write(b"x" * 32 * 1024 * 1024)
        await exactly(far_reader, 1)
        link.cut()
        assert await ended(near.reader)
        assert await ended(far_reader)


async def test_a_healed_link_takes_new_connections(plan: LinkPlan, far: FarSide) -> None:
    async with started(plan) as link:
        link.cut()
        link.heal()
        async with NearSide.connected(plan) as near:
            far_reader, _ = await far.take()
            near.writer.write(b"again")
            assert await exactly(far_reader, 5) == b"again"
    assert link.plan.port == plan.port


async def test_a_hanging_link_passes_nothing_and_loses_nothing(plan: LinkPlan, far: FarSide) -> None:
    async with started(plan) as link, NearSide.connected(plan) as near:
        far_reader, far_writer = await far.take()
        link.hang()
        near.writer.write(b"ping")
        far_writer.write(b"pong")
        assert await silent(far_reader)
        assert await silent(near.reader)
        link.heal()
        assert await exactly(far_reader, 4) == b"ping"
        assert await exactly(near.reader, 4) == b"pong"


async def test_a_hanging_link_does_not_tell_that_a_side_has_ended(plan: LinkPlan, far: FarSide) -> None:
    async with started(plan) as link, NearSide.connected(plan) as near:
        _, far_writer = await far.take()
        link.hang()
        far_writer.transport.abort()
        assert await silent(near.reader)
        link.heal()
        assert await ended(near.reader)


async def test_a_hanging_link_accepts_and_dials_nobody(plan: LinkPlan, far: FarSide) -> None:
    async with started(plan) as link:
        link.hang()
        async with NearSide.connected(plan) as near:
            assert await silent(near.reader)
            assert far.accepted.empty()
            link.heal()
            _, far_writer = await far.take()
            far_writer.write(b"INFO")
            assert await exactly(near.reader, 4) == b"INFO"


async def test_who_gave_up_while_a_link_hung_is_not_dialled_for(plan: LinkPlan, far: FarSide) -> None:
    async with started(plan) as link:
        link.hang()
        async with NearSide.connected(plan) as near:
            assert await silent(near.reader)
        async with NearSide.connected(plan) as near:
            assert await silent(near.reader)
            link.heal()
            _, far_writer = await far.take()
            far_writer.write(b"INFO")
            assert await exactly(near.reader, 4) == b"INFO"
        assert far.accepted.empty()


async def test_a_link_that_hangs_can_be_cut(plan: LinkPlan, far: FarSide) -> None:
    async with started(plan) as link, NearSide.connected(plan) as near:
        await far.take()
        link.hang()
        near.writer.write(b"x" * 1024)
        link.cut()
        assert await ended(near.reader)


async def test_connections_at_once_are_bounded(plan: LinkPlan, far: FarSide) -> None:
    async with started(plan) as link:
        link.hang()
        lines = [await asyncio.open_connection(*plan.listen) for _ in range(LINES_MAX + 1)]
        refused = [asyncio.ensure_future(ended(reader)) for reader, _ in lines]
        await asyncio.wait(refused, timeout=SECONDS_MAX, return_when=asyncio.FIRST_COMPLETED)
        assert sum(task.done() for task in refused) == 1
        link.cut()
        await asyncio.gather(*refused)
        for _, writer in lines:
            writer.transport.abort()


async def test_a_link_outlives_both_its_ends(plan: LinkPlan, far: FarSide) -> None:
    async with started(plan):
        async with NearSide.connected(plan) as near:
            await far.take()
            far.die()
            assert await ended(near.reader)
        async with NearSide.connected(plan) as near:
            assert await ended(near.reader)  # nobody is there
        await far.listen()
        async with NearSide.connected(plan) as near:
            far_reader, _ = await far.take()
            near.writer.write(b"back")
            assert await exactly(far_reader, 4) == b"back"
        assert await ended(far_reader)  # the near side has gone


async def test_a_closed_link_gives_its_port_back(plan: LinkPlan, far: FarSide) -> None:
    async with started(plan), NearSide.connected(plan):
        await far.take()
    assert is_free(plan.port)


async def test_a_port_that_is_taken_is_told(plan: LinkPlan) -> None:
    async with started(plan), asyncio.TaskGroup() as tasks:
        with pytest.raises(Failure, match=f"stockholm–tokyo cannot listen on port {plan.port}"):
            await Link(plan).start(tasks)


async def test_a_link_is_found_from_either_end(plan: LinkPlan) -> None:
    links = Links([plan])
    assert links.find("tokyo", "stockholm") is links.find("stockholm", "tokyo")
    assert links.find("tokyo", "stockholm").state is LinkState.OPEN
    with pytest.raises(Failure, match="no link between tokyo and austin; there is stockholm–tokyo"):
        links.find("tokyo", "austin")
