"""Asking a peer, over the link, whether it would let us source its log: the proof that the link and its accounts work.

The request is one that the peer refuses, so that nothing is made: any answer has come all the way from its JetStream.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path

import nats
import nats.errors
import orjson
from nats.aio.client import Client

from ops.failure import Failure
from ops.nats.accounts import source_api, source_request

_CONNECT_SECONDS_MAX = 5
_ANSWER_SECONDS_MAX = 1.0
_REFUSED_REQUEST = b"{}"


async def ask_peers(url: str, keeper_seed: Path, peers: Iterable[str]) -> dict[str, bool]:
    """Return which peers answer the region whose server stands at ``url``; Failure if that one does not."""
    client = await connect_once(url, keeper_seed)
    try:
        names = list(peers)
        answers = await asyncio.gather(*(answers_us(client, peer) for peer in names))
        return dict(zip(names, answers, strict=True))
    finally:
        await client.close()


async def answers_us(client: Client, peer: str) -> bool:
    """Whether a peer answers ``client``, who is the keeper of its region."""
    subject = f"{source_api(peer)}.{source_request(peer, 'probe')}"
    try:
        answer = await client.request(subject, _REFUSED_REQUEST, timeout=_ANSWER_SECONDS_MAX)
        return "error" in orjson.loads(answer.data)
    except (nats.errors.Error, orjson.JSONDecodeError):
        return False


async def connect_once(url: str, seed: Path) -> Client:
    """Return a connection of the user whose seed it is; Failure if there is none to be had."""
    client = Client()
    try:
        await client.connect(
            url,
            nkeys_seed=str(seed),
            allow_reconnect=False,
            connect_timeout=_CONNECT_SECONDS_MAX,
            error_cb=_ignore,
        )
    except (nats.errors.Error, OSError) as error:
        await client.close()
        raise Failure(f"nats-server does not take us at {url}: {error}.") from error
    return client


async def _ignore(error: Exception) -> None:
    """What goes wrong is told by what is awaited."""
