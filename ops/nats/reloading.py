"""Making a running nats-server go by its new configuration, and seeing that it does.

SIGHUP makes it read the file again. The first time, an account that is new does not answer its peer yet (its imports of
JetStream are only put in place when the account is already there; seen with 2.15.1): so it is told twice, and the peer's
side asks until it is answered.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable

import httpx

from ops.failure import Failure

RELOADS = 2
_LOAD_SECONDS_MAX = 10.0
_LOOK_SECONDS = 0.05
_ANSWER_SECONDS_MAX = 10.0
PROBES_MAX = 60
RELOAD_AGAIN_PROBES = 10
_PROBE_AGAIN_SECONDS = 0.25


async def reload_server(pid: int, *, monitor_url: str) -> None:
    """Make a server read its configuration again; Failure if it does not answer or refuses what it reads."""
    async with httpx.AsyncClient(trust_env=False, timeout=_ANSWER_SECONDS_MAX) as client:
        for _ in range(RELOADS):
            before = await _loaded_at(client, monitor_url)
            try:
                os.kill(pid, signal.SIGHUP)
            except OSError as error:
                raise Failure(f"Process {pid} cannot be told to reload: {error.strerror}.") from error
            await _wait_loaded(client, monitor_url, before, pid)


async def reload_until(answered: Callable[[], Awaitable[bool]], *, reload: Callable[[], Awaitable[None]]) -> bool:
    """Reload, then probe, and reload again now and then; return whether it was ``answered`` in the end."""
    for attempt in range(PROBES_MAX):
        if attempt % RELOAD_AGAIN_PROBES == 0:
            await reload()
        if await answered():
            return True
        await asyncio.sleep(_PROBE_AGAIN_SECONDS)
    return False


async def _wait_loaded(client: httpx.AsyncClient, monitor_url: str, before: str, pid: int) -> None:
    try:
        async with asyncio.timeout(_LOAD_SECONDS_MAX):
            while True:
                if await _loaded_at(client, monitor_url) != before:
                    return
                await asyncio.sleep(_LOOK_SECONDS)
    except TimeoutError:
        raise Failure(f"nats-server (pid {pid}) does not take its new configuration: its log says why.") from None


async def _loaded_at(client: httpx.AsyncClient, monitor_url: str) -> str:
    """Return when the server last read its configuration, as it says it."""
    try:
        answer = (await client.get(f"{monitor_url}/varz")).raise_for_status().json()
        return str(answer["config_load_time"])
    except (httpx.HTTPError, ValueError, KeyError) as error:
        raise Failure(f"nats-server does not answer at {monitor_url}: {error!r}.") from error
