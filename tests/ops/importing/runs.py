"""Runs an import against a fake region, as the command line would."""

from __future__ import annotations

import asyncio
from pathlib import Path

from ops.importing.balance import Balance
from ops.importing.client import Sleep, connected
from ops.importing.progress import Unwatched
from ops.importing.scratch import Scratch
from ops.importing.stackexchange.run import Import
from services.chassis.clock import ManualClock
from tests.ops.importing.fakes import TOKEN

SOURCE = "stackexchange:ale"


class Patience:
    """Lets time pass by turning a clock instead of waiting."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.clock.advance(seconds)
        await asyncio.sleep(0)


async def run_import(folder: Path, target: str, *, concurrency: int = 4, patience: Patience | None = None) -> Balance:
    """Import ``folder`` and return the balance; raises what the import raises."""
    patience = patience or Patience()
    sleep: Sleep = patience.sleep
    balance, scratch = Balance(), Scratch()
    try:
        async with connected(
            profile_target=target, feed_target=target, token=lambda: TOKEN, clock=patience.clock, sleep=sleep
        ) as client:
            await Import(
                folder=folder,
                source=SOURCE,
                client=client,
                scratch=scratch,
                balance=balance,
                watcher=Unwatched(),
                concurrency=concurrency,
            ).run()
    finally:
        scratch.close()
    return balance
