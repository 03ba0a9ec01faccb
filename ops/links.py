"""Links between the regions of one machine: TCP proxies of our own, which can be cut, left hanging, and healed.

A link between offices fails in two ways. It is cut: connections break and new ones are refused. Or it hangs: connections
stay open, new ones come about, and nothing arrives. Both must be had at will, to see what a network does about them.

Each connection through a link is a ``_Line``: two sockets and a pump each way. A pump reads on only when the other side
has taken what was read before, so a slow reader slows its writer down and costs no memory.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import suppress

from ops.failure import Failure
from ops.plan import LinkPlan
from ops.state import LinkRecord, LinkState

LINES_MAX = 64
"""Connections through one link at once; a server keeps one, so more are those that were given up while it hung."""
_BUFFER_BYTES = 64 * 1024
"""The mark at which a side of a line waits; a line holds a small multiple of it and no more."""
_DIAL_SECONDS_MAX = 5.0


class Link:
    """One link: whoever connects to its port is connected to the leaf listener of the region that is dialled."""

    def __init__(self, plan: LinkPlan) -> None:
        self.plan = plan
        self.state = LinkState.OPEN
        self._passing = asyncio.Event()
        self._passing.set()
        self._lines: dict[_Line, asyncio.Task[None]] = {}
        self._server: asyncio.Server | None = None

    async def start(self, tasks: asyncio.TaskGroup) -> None:
        """Listen, with each line a task of ``tasks``; Failure if the port is taken."""

        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if self.state is LinkState.CUT or len(self._lines) >= LINES_MAX:
                writer.transport.abort()
                return
            line = _Line(reader, writer, passing=self._passing)
            self._lines[line] = tasks.create_task(line.carry(*self.plan.target), name=f"line of {self.plan.name}")
            self._lines[line].add_done_callback(lambda _: self._lines.pop(line, None))

        try:
            self._server = await asyncio.start_server(accept, *self.plan.listen, limit=_BUFFER_BYTES)
        except OSError as error:
            raise Failure(f"The link {self.plan.name} cannot listen on port {self.plan.port}: {error}.") from error

    def record(self) -> LinkRecord:
        return LinkRecord(regions=[self.plan.listener, self.plan.dialler], state=self.state)

    def cut(self) -> None:
        """Break every connection and refuse new ones; the port stays ours."""
        self.state = LinkState.CUT
        self._passing.set()
        for line, task in list(self._lines.items()):
            line.abort()
            task.cancel()

    def hang(self) -> None:
        """Let nothing pass any more, not even that a connection ended; one that is cut has no connections to keep."""
        self.state = LinkState.HANGING
        self._passing.clear()

    def heal(self) -> None:
        """Let everything pass again; what waited in a link that hung goes on."""
        self.state = LinkState.OPEN
        self._passing.set()

    async def close(self) -> None:
        """Break every connection and give the port back."""
        self.cut()
        if self._server is not None:
            self._server.close()
        await asyncio.gather(*self._lines.values(), return_exceptions=True)


class _Line:
    """One connection through a link: near is who connected, far who was dialled for it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, passing: asyncio.Event) -> None:
        self._near = (reader, writer)
        self._passing = passing
        self._writers = [writer]

    async def carry(self, host: str, port: int) -> None:
        """Pass everything both ways until both sides have ended, or one breaks; both are closed then."""
        reader, writer = self._near
        try:
            await self._passing.wait()
            if reader.at_eof():  # given up while the link hung: nobody is to be dialled for it
                return
            async with asyncio.timeout(_DIAL_SECONDS_MAX):
                far_reader, far_writer = await asyncio.open_connection(host, port, limit=_BUFFER_BYTES)
            self._writers.append(far_writer)
            async with asyncio.TaskGroup() as pumps:
                pumps.create_task(self._pump(reader, far_writer))
                pumps.create_task(self._pump(far_reader, writer))
            for ended in self._writers:
                ended.close()
                await ended.wait_closed()  # what is still under way to a slow reader arrives
        except* OSError:  # TimeoutError is one: whoever does not answer has broken off
            pass
        finally:
            self.abort()

    def abort(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        sink.transport.set_write_buffer_limits(high=_BUFFER_BYTES)
        while chunk := await source.read(_BUFFER_BYTES):
            await self._passing.wait()
            sink.write(chunk)
            await sink.drain()
        await self._passing.wait()
        with suppress(OSError):  # it has ended as well by now
            sink.write_eof()


class Links:
    """The links of one network."""

    def __init__(self, plans: Iterable[LinkPlan] = ()) -> None:
        self._links = {plan.ends: Link(plan) for plan in plans}

    def __iter__(self) -> Iterator[Link]:
        return iter(self._links.values())

    def find(self, one: str, other: str) -> Link:
        """Return the link between two regions, in whichever order; Failure if there is none."""
        link = self._links.get(frozenset((one, other)))
        if link is None:
            known = ", ".join(link.plan.name for link in self) or "none"
            raise Failure(f"There is no link between {one} and {other}; there is {known}.")
        return link

    async def start(self, tasks: asyncio.TaskGroup) -> None:
        for link in self:
            await link.start(tasks)

    async def add(self, plan: LinkPlan, tasks: asyncio.TaskGroup) -> None:
        """Start one more link, in the place of one between the same regions."""
        if plan.ends in self._links:
            await self._links.pop(plan.ends).close()
        link = Link(plan)
        await link.start(tasks)
        self._links[plan.ends] = link

    async def remove(self, plan: LinkPlan) -> None:
        """End a link for good."""
        await self._links.pop(plan.ends).close()

    async def close(self) -> None:
        for link in self:
            await link.close()
