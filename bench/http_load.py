"""A load of GraphQL requests over connections that are kept: cheap, so that what is measured is the other end."""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

from services.chassis.clock import SystemClock


@dataclass(frozen=True, slots=True)
class Load:
    """What a load met: requests a second, and how long an answer took, in milliseconds."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds


def post(path: str, body: bytes, *, port: int, token: str) -> bytes:
    """Return the bytes of a request."""
    head = (
        f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nauthorization: Bearer {token}\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def run_load(port: int, requests: Sequence[bytes], *, count: int, in_flight: int) -> Load:
    """Send ``count`` requests, taken in turn, ``in_flight`` at a time; raises RuntimeError for an error."""
    clock = SystemClock()
    numbers = iter(range(count))
    milliseconds: list[float] = []

    async def connection() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        with closing(writer):
            for number in numbers:
                begun = clock.monotonic_seconds()
                writer.write(requests[number % len(requests)])
                body = await _answer(reader)
                milliseconds.append((clock.monotonic_seconds() - begun) * 1000)
                if b'"errors":[{' in body:  # GraphQL's own, and those of a mutation's payload
                    raise RuntimeError(body[:500].decode())

    begun = clock.monotonic_seconds()
    connections = [asyncio.create_task(connection()) for _ in range(in_flight)]
    try:
        await asyncio.gather(*connections)
    finally:
        for task in connections:
            task.cancel()
        await asyncio.wait(connections)
    seconds = clock.monotonic_seconds() - begun
    return Load(count, seconds, statistics.median(milliseconds), percentile(milliseconds, 99))


def percentile(values: Sequence[float], percent: int) -> float:
    """Return the value below which ``percent`` of all lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


async def _answer(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(head.decode())
    length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    return await reader.readexactly(int(length.partition(b":")[2]))
