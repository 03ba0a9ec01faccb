"""A region's log as a test keeps it that has no network service: it makes the log, sources it from peers, reads it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import nats
import nats.errors
import orjson
from nats.aio.client import Client
from nats.js.api import ConsumerConfig, DeliverPolicy

from ops.dirs import DataDir
from ops.nats.asking import answers_us
from ops.state import RunRecord
from services.chassis.eventlog.subjects import stream_name

ARRIVES_SECONDS_MAX = 90.0
"""A server that could not reach its peer looks again after as much as 38 s."""
LOOK_SECONDS = 0.05
NOTHING_SECONDS = 1.0
"""How long nothing may arrive before it counts as nothing; over an open link an entry takes a few milliseconds."""


class SharedLog:
    """One region's log, as the region's keeper."""

    def __init__(self, client: Client, region: str) -> None:
        self._client = client
        self._region = region
        self._reader: Any = None

    @classmethod
    @asynccontextmanager
    async def of(cls, data: DataDir, run: RunRecord, region: str) -> AsyncIterator[SharedLog]:
        (address,) = [process.addresses["nats"] for process in run.of_region(region) if process.service == "nats"]
        client = await nats.connect(f"nats://{address}", nkeys_seed=str(data.region(region).keeper_seed))
        try:
            yield cls(client, region)
        finally:
            await client.close()

    async def make(self, peers: Sequence[str]) -> None:
        configuration = {
            "name": stream_name(self._region),
            "subjects": [f"ev.{self._region}.>"],
            "storage": "file",
            "retention": "limits",
            "sources": self._sources(peers),
        }
        await self._request("CREATE", configuration)
        await self.read(peers[0])

    async def read(self, peer: str) -> None:
        """Begin to read what comes from a peer."""
        self._reader = await self._client.jetstream().subscribe(
            f"ev.{peer}.>",
            stream=stream_name(self._region),
            ordered_consumer=True,
            config=ConsumerConfig(deliver_policy=DeliverPolicy.ALL),
        )

    async def source_anew(self, peers: Sequence[str]) -> None:
        """Have the log sourced at once, once every peer answers, instead of when the server tries again."""
        for peer in peers:
            await self.wait_answered(peer)
        kept = await self._request("INFO", {})
        for sources in ([], peers):
            await self._request("UPDATE", {**kept["config"], "sources": self._sources(sources)})

    async def wait_answered(self, peer: str) -> None:
        """Wait until the link and the accounts at both its ends work; another process cannot set an event here."""
        async with asyncio.timeout(ARRIVES_SECONDS_MAX):
            while not await answers_us(self._client, peer):
                await asyncio.sleep(LOOK_SECONDS)

    async def append(self, text: str, reach: str = "pub") -> None:
        await self._client.jetstream(timeout=ARRIVES_SECONDS_MAX).publish(
            f"ev.{self._region}.{reach}.feed.somebody", text.encode()
        )

    async def next(self) -> str:
        """Return the next entry that comes from a peer."""
        return await self._next(ARRIVES_SECONDS_MAX)

    async def _next(self, seconds_max: float) -> str:
        message = await self._reader.next_msg(timeout=seconds_max)
        return str(message.data.decode("utf-8", "replace"))

    async def what_came(self) -> list[str]:
        """Return what comes until nothing does any more."""
        came: list[str] = []
        try:
            while True:
                came.append(await self._next(NOTHING_SECONDS))
        except nats.errors.TimeoutError:
            return came

    async def _request(self, verb: str, request: dict[str, Any]) -> dict[str, Any]:
        subject = f"$JS.API.STREAM.{verb}.{stream_name(self._region)}"
        answer = await self._client.request(
            subject, orjson.dumps(request) if request else b"", timeout=ARRIVES_SECONDS_MAX
        )
        told: dict[str, Any] = orjson.loads(answer.data)
        assert "error" not in told, told
        return told

    def _sources(self, peers: Sequence[str]) -> list[dict[str, Any]]:
        return [
            {
                "name": stream_name(peer),
                "filter_subject": f"ev.{peer}.pub.>",
                "external": {"api": f"FED.{peer}.API", "deliver": f"fed.{peer}.{self._region}"},
            }
            for peer in peers
        ]
