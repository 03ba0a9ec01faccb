"""A post by GraphQL mutation, and a home feed by GraphQL subscription: what is timed is from the one to the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import orjson
import websockets

CREATE = "mutation ($body: String!) { createPost(input: {body: $body}) { post { id } errors { code } } }"
WATCH = "subscription { homeFeedUpdates { node { body } } }"
_ANSWER_SECONDS_MAX = 30
_WARM_UP_SECONDS = 0.5


@asynccontextmanager
async def frontend(port: int, token: str) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client of the gateway at ``port``."""
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{port}", headers={"authorization": f"Bearer {token}"}, timeout=30, trust_env=False
    ) as client:
        yield client


async def ask(client: httpx.AsyncClient, document: str, **variables: Any) -> dict[str, Any]:
    """Return the data of an answer; RuntimeError if it tells of an error, in whichever way."""
    answer = (await client.post("/graphql", json={"query": document, "variables": variables})).json()
    data: dict[str, Any] = answer.get("data") or {}
    if "errors" in answer or any(isinstance(payload, dict) and payload.get("errors") for payload in data.values()):
        raise RuntimeError(str(answer))
    return data


async def create(client: httpx.AsyncClient, body: str) -> None:
    """Publish a post; RuntimeError if it is refused."""
    await ask(client, CREATE, body=body)


class Watch:
    """A subscription to somebody's home feed."""

    def __init__(self, socket: websockets.ClientConnection) -> None:
        self._socket = socket

    async def next_body(self) -> str:
        """Return the body of the next post that arrives."""
        message: Any = await self._next("next")
        return str(message["payload"]["data"]["homeFeedUpdates"]["node"]["body"])

    async def warm_up(self, client: httpx.AsyncClient) -> None:
        """Have ``client`` write until a post is seen: only then does the subscription stand, and everything between."""
        number = 0
        while True:
            await create(client, f"warm up {number}")
            number += 1
            try:
                async with asyncio.timeout(_WARM_UP_SECONDS):
                    await self.next_body()
                    return
            except TimeoutError:
                continue

    async def _next(self, kind: str) -> dict[str, Any]:
        async with asyncio.timeout(_ANSWER_SECONDS_MAX):
            while True:
                message: dict[str, Any] = orjson.loads(await self._socket.recv())
                if message["type"] == kind:
                    return message


@asynccontextmanager
async def watch(port: int, token: str) -> AsyncIterator[Watch]:
    """Subscribe to the home feed of whoever the token is for."""
    url = f"ws://127.0.0.1:{port}/graphql"
    async with websockets.connect(url, subprotocols=[websockets.Subprotocol("graphql-transport-ws")]) as socket:
        watching = Watch(socket)
        who = {"authorization": f"Bearer {token}"}
        await socket.send(orjson.dumps({"type": "connection_init", "payload": who}).decode())
        await watching._next("connection_ack")
        await socket.send(orjson.dumps({"id": "1", "type": "subscribe", "payload": {"query": WATCH}}).decode())
        yield watching
