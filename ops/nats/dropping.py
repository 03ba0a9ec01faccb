"""Closing links that a server still holds open though its configuration knows them no longer.

A reload refuses new connections of a peer or a key that is gone; one that is open stays (seen with 2.15.1). It reaches
nothing any more, and would still be there, bound to an account of the past, if the peer came back. So after a reload it
is closed, by a request of the system account's user.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import httpx
import nats.errors
import orjson
from nats.aio.client import Client

from ops.failure import Failure
from ops.nats.accounts import account_of
from ops.nats.asking import connect_once

_ANSWER_SECONDS_MAX = 2.0


async def drop_links(*, url: str, monitor_url: str, system_seed: Path, peers: Collection[str]) -> int:
    """Close every link that belongs to none of ``peers``, and return how many there were; Failure."""
    known = {account_of(peer) for peer in peers}
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=_ANSWER_SECONDS_MAX, base_url=monitor_url) as monitor:
            server = (await monitor.get("/varz")).raise_for_status().json()["server_id"]
            links = (await monitor.get("/leafz")).raise_for_status().json().get("leafs") or []
    except (httpx.HTTPError, ValueError, KeyError) as error:
        raise Failure(f"nats-server does not answer at {monitor_url}: {error!r}.") from error
    strangers = [link["id"] for link in links if link["account"] not in known]
    if strangers:
        client = await connect_once(url, system_seed)
        try:
            for connection in strangers:
                await _kick(client, server, connection)
        finally:
            await client.close()
    return len(strangers)


async def _kick(client: Client, server: str, connection: int) -> None:
    try:
        await client.request(
            f"$SYS.REQ.SERVER.{server}.KICK", orjson.dumps({"cid": connection}), timeout=_ANSWER_SECONDS_MAX
        )
    except nats.errors.Error as error:
        raise Failure(f"nats-server does not close link {connection}: {error!r}.") from error
