"""Regions in this process, real services behind real gateways, that an import goes into and is read from."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from gateway.app import make_app
from ops.importing.balance import Balance
from ops.importing.checking.asking import Ask, Asking
from ops.importing.client import Client
from ops.importing.progress import Unwatched
from ops.importing.scratch import Scratch
from ops.importing.stackexchange.run import Import
from services.chassis.channels import open_channel
from services.chassis.clock import SystemClock
from tests.gateway.fakes.node import make_settings
from tests.ops.importing.runs import SOURCE
from tests.support.services import Region, TrustingVerifier, open_region

_IMPORTER = "importer/importer/importer"


@asynccontextmanager
async def two_regions(folder: Path) -> AsyncIterator[tuple[Region, Region]]:
    """Yield Stockholm and Tokyo, between which nothing goes by itself."""
    async with AsyncExitStack() as stack:
        regions = []
        for name in ("stockholm", "tokyo"):
            (folder / name).mkdir()
            regions.append(await stack.enter_async_context(open_region(folder / name, name=name)))
        yield regions[0], regions[1]


async def import_into(region: Region, dump: Path) -> Balance:
    """Import ``dump`` and return the balance, once every replica shows it."""
    balance, scratch = Balance(), Scratch()
    client = Client(
        profile_channel=region.profile.channel,
        feed_channel=region.feed.channel,
        token=lambda: _IMPORTER,
        clock=SystemClock(),
    )
    await Import(
        folder=dump,
        source=SOURCE,
        client=client,
        scratch=scratch,
        balance=balance,
        watcher=Unwatched(),
        concurrency=4,
    ).run()
    scratch.close()
    await region.settle()
    return balance


@asynccontextmanager
async def asking(region: Region) -> AsyncIterator[Ask]:
    """Yield a way to ask the region's gateway."""
    verifier: Any = TrustingVerifier(region.name)
    async with AsyncExitStack() as stack:
        nowhere = await stack.enter_async_context(open_channel("ipv4:127.0.0.1:1"))
        app = make_app(
            make_settings(region=region.name),
            profile=region.profile.channel,
            feed=region.feed.channel,
            network=nowhere,
            search=nowhere,
            recognition=nowhere,
            verifier=verifier,
            telemetry=region.telemetry,
            clock=SystemClock(),
        )
        transport = httpx.ASGITransport(app)
        client = httpx.AsyncClient(transport=transport, base_url="http://gateway")
        yield Asking(await stack.enter_async_context(client), region=region.name, token=lambda: _IMPORTER)
