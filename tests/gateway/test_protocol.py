"""Answers leave in one piece, and whole, however the connection ends."""

from __future__ import annotations

import asyncio

from gateway.protocol import Gathering
from tests.gateway.fakes.node import Node
from tests.gateway.running import run_server


class Plain(asyncio.Transport):
    """A connection that keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []
        self.closing = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        assert not self.closing
        self.written.append(bytes(data))

    def is_closing(self) -> bool:
        return self.closing

    def close(self) -> None:
        self.closing = True


async def test_what_is_written_in_one_turn_of_the_loop_leaves_in_one_piece() -> None:
    plain = Plain()
    gathering = Gathering(plain, loop=asyncio.get_running_loop())

    for piece in (b"head ", bytearray(b"and "), memoryview(b"body")):
        gathering.write(piece)
    assert plain.written == []
    await asyncio.sleep(0)
    assert plain.written == [b"head and body"]

    gathering.write(b"the next")
    await asyncio.sleep(0)
    assert plain.written == [b"head and body", b"the next"]


async def test_what_was_written_leaves_before_the_connection_closes() -> None:
    plain = Plain()
    gathering = Gathering(plain, loop=asyncio.get_running_loop())

    gathering.write(b"the last")
    gathering.close()
    await asyncio.sleep(0)

    assert (plain.written, gathering.is_closing()) == ([b"the last"], True)


async def test_nothing_is_written_to_a_client_that_has_gone() -> None:
    plain = Plain()
    gathering = Gathering(plain, loop=asyncio.get_running_loop())

    gathering.write(b"too late")
    plain.close()
    gathering.close()
    await asyncio.sleep(0)

    assert plain.written == []


async def test_an_answer_that_ends_its_connection_comes_whole(node: Node) -> None:
    body = b'{"query": "{ __typename }"}'
    head = b"POST /graphql HTTP/1.1\r\nhost: x\r\nauthorization: Bearer token-of-ann\r\nconnection: close\r\n"
    length = b"content-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body)
    async with run_server(node.app) as port, asyncio.timeout(60):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(head + length + body)
        answer = await reader.read()
        writer.close()

    head, _, shown = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert shown == b'{"data":{"__typename":"Query"}}'
