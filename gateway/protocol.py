"""HTTP as uvicorn speaks it, except that an answer leaves in one piece.

uvicorn writes the head of an answer and then its body, and uvloop hands each to the system at once: two calls of the system,
two packets, and a client that is woken for a head. What is written within one turn of the loop leaves together here.
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class GatheringProtocol(HttpToolsProtocol):
    """uvicorn's protocol over a transport that gathers."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin; everything but the writing stays with ``transport``."""
        super().connection_made(transport)  # type: ignore[arg-type]  # as narrow as uvicorn has it
        self._plain, self.transport = self.transport, Gathering(self.transport, loop=self.loop)

    def handle_websocket_upgrade(self) -> None:
        """Give the connection to the protocol of WebSockets as it is: its frames are whole."""
        self.transport = self._plain
        super().handle_websocket_upgrade()


class Gathering(asyncio.Transport):
    """As much of a transport as an HTTP answer needs; writes to ``plain`` at the end of the loop's turn."""

    def __init__(self, plain: asyncio.Transport, *, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._plain = plain
        self._loop = loop
        self._pieces: list[bytes] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Take ``data``; it leaves with what follows it in this turn of the loop."""
        if not self._pieces:
            self._loop.call_soon(self._leave)
        self._pieces.append(bytes(data))

    def is_closing(self) -> bool:
        """Whether the connection is closing or closed."""
        return self._plain.is_closing()

    def close(self) -> None:
        """Send what was written, then close the connection."""
        self._leave()
        self._plain.close()

    def _leave(self) -> None:
        gathered, self._pieces = b"".join(self._pieces), []
        if gathered and not self._plain.is_closing():
            self._plain.write(gathered)
