"""A name server for tests: it knows the names that a test gives it, and a test may change what they lead to."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

_HEADER_BYTES = 12
_ADDRESS_RECORD = 1
_NO_SUCH_NAME = 3
_ANSWER = 0x8180


class Names(asyncio.DatagramProtocol):
    """RFC 1035, as far as a resolver of IPv4 addresses goes."""

    def __init__(self, addresses: Mapping[str, Sequence[str]]) -> None:
        self.addresses = dict(addresses)
        self.asked = 0
        self.port = 0
        self._transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self.asked += 1
        end = data.index(0, _HEADER_BYTES) + 5  # the name, its end, type and class
        known = self.addresses.get(_name(data[_HEADER_BYTES:end]), ())
        asked_for = struct.unpack("!H", data[end - 4 : end - 2])[0]
        found = known if asked_for == _ADDRESS_RECORD else ()
        code = _ANSWER | (0 if known else _NO_SUCH_NAME)
        header = data[:2] + struct.pack("!HHHHH", code, 1, len(found), 0, 0)
        records = b"".join(
            struct.pack("!HHHIH", 0xC00C, _ADDRESS_RECORD, 1, 1, 4) + bytes(map(int, address.split(".")))
            for address in found
        )
        self._transport.sendto(header + data[_HEADER_BYTES:end] + records, addr)


def _name(question: bytes) -> str:
    """Return the name at the beginning of a question, as it is written: labels with their lengths before them."""
    labels, at = [], 0
    while length := question[at]:
        labels.append(question[at + 1 : at + 1 + length].decode())
        at += 1 + length
    return ".".join(labels).lower()


@asynccontextmanager
async def name_server(addresses: Mapping[str, Sequence[str]] | None = None) -> AsyncIterator[Names]:
    """Give a name server on a free port of the loopback interface; ``addresses`` are those of each name."""
    loop = asyncio.get_running_loop()
    transport, names = await loop.create_datagram_endpoint(lambda: Names(addresses or {}), local_addr=("127.0.0.1", 0))
    try:
        yield names
    finally:
        transport.close()
