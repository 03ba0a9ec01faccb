"""Compares what every region shows with what the source holds; what differs is read again until it had time to come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

import httpx

from ops.importing.checking.asking import Ask, Asking
from ops.importing.checking.contents import Contents
from ops.importing.checking.reading import read
from ops.importing.endpoints import Gateway
from ops.importing.limits import ANSWER_SECONDS_MAX, ARRIVES_SECONDS_MAX, READ_AGAIN_SECONDS
from services.chassis.clock import Clock


@asynccontextmanager
async def asking(gateways: Mapping[str, Gateway]) -> AsyncIterator[dict[str, Ask]]:
    """Yield a way to ask each region."""
    async with AsyncExitStack() as stack:
        asks: dict[str, Ask] = {}
        for region, gateway in gateways.items():
            client = httpx.AsyncClient(base_url=gateway.url, trust_env=False, timeout=ANSWER_SECONDS_MAX)
            asks[region] = Asking(await stack.enter_async_context(client), region=region, token=gateway.token)
        yield asks


async def shown_by(
    regions: Mapping[str, Ask],
    *,
    home: str,
    source: Contents,
    clock: Clock,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> dict[str, Contents]:
    """Return what each region shows, latest when it is equal to ``source`` or ``ARRIVES_SECONDS_MAX`` are over."""
    give_up_at = clock.monotonic_seconds() + ARRIVES_SECONDS_MAX
    shown: dict[str, Contents] = {}
    while waiting := [region for region in regions if shown.get(region) != source]:
        if shown and clock.monotonic_seconds() >= give_up_at:
            break
        if shown:
            await sleep(READ_AGAIN_SECONDS)
        async with asyncio.TaskGroup() as group:
            tasks = {region: group.create_task(read(regions[region], home=home, wanted=source)) for region in waiting}
        shown |= {region: task.result() for region, task in tasks.items()}
    return shown
