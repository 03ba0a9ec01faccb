"""The load: every request is answered once, connections are kept, and an error is not counted as an answer."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bench.http_load import percentile, post, run_load


class Server:
    """Answers every request with the same bytes; counts requests by token, and connections."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer
        self.tokens: Counter[str] = Counter()
        self.connections = 0
        self.under_way = 0
        self.under_way_max = 0
        self.closed = asyncio.Semaphore(0)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                fields = dict(line.split(": ", 1) for line in head.splitlines()[1:] if line)
                await reader.readexactly(int(fields["content-length"]))
                self.under_way += 1
                self.under_way_max = max(self.under_way_max, self.under_way)
                await asyncio.sleep(0)
                self.tokens[fields["authorization"]] += 1
                writer.write(self.answer)
                self.under_way -= 1
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
            self.closed.release()


@asynccontextmanager
async def serving(answer: bytes) -> AsyncIterator[tuple[Server, int]]:
    server = Server(answer)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    async with listening:
        yield server, listening.sockets[0].getsockname()[1]
        for _ in range(server.connections):
            await server.closed.acquire()


def answer(body: bytes, status: str = "200 OK") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


async def test_every_request_is_sent_in_turn_over_connections_that_are_kept() -> None:
    async with serving(answer(b'{"data":{}}')) as (server, port):
        asked = [post("/graphql", b"{}", port=port, token=name) for name in ("anna", "bengt")]

        load = await run_load(port, asked, count=30, in_flight=3)

    assert load.requests == 30
    assert server.tokens == {"Bearer anna": 15, "Bearer bengt": 15}
    assert server.connections == 3
    assert server.under_way_max <= 3
    assert 0 < load.p50_ms <= load.p99_ms
    assert load.per_second == pytest.approx(30 / load.seconds)


@pytest.mark.parametrize(
    "bad",
    [
        answer(b"{}", status="429 Too Many Requests"),
        answer(b'{"errors":[{"message":"no"}],"data":null}'),
        answer(b'{"data":{"createPost":{"post":null,"errors":[{"code":"too_large"}]}}}'),
    ],
    ids=["a status", "an error of GraphQL", "an error in a payload"],
)
async def test_an_error_ends_the_load(bad: bytes) -> None:
    async with serving(bad) as (_, port):
        asked = [post("/graphql", b"{}", port=port, token="anna")]

        with pytest.raises(RuntimeError):
            await run_load(port, asked, count=1, in_flight=1)


@pytest.mark.parametrize(("percent", "value"), [(0, 1), (50, 51), (99, 100), (100, 100)])
def test_a_percentile_is_one_of_the_values(percent: int, value: int) -> None:
    assert percentile(list(range(100, 0, -1)), percent) == value
