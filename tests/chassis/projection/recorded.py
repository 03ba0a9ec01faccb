"""Logs that deliver what a test gives them, and what a log holds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from google.protobuf.wrappers_pb2 import StringValue

from services.chassis.envelope import Fact
from services.chassis.eventlog.port import Entry, EventLog
from services.chassis.store import Connection
from tests.support.tally import (
    HANDLERS,
    Broken,
    note,
)

REGION = "stockholm"


def failing_on(text: str) -> Any:
    """Return handlers of which one writes and then fails on a text."""

    def fail(db: Connection, fact: Fact[StringValue]) -> None:
        note(db, fact)
        if fact.payload.value == text:
            raise Broken

    return {**HANDLERS, StringValue: fail}


class Recorded:
    """A log that delivers given batches, whatever they hold, and then waits."""

    epoch = "recorded"

    def __init__(self, *batches: list[Entry]) -> None:
        self.batches = list(batches)

    async def follow(self, *, after: int) -> AsyncGenerator[list[Entry], None]:
        for batch in self.batches:
            yield batch
        await asyncio.get_running_loop().create_future()

    async def last_sequence(self, register: str = "") -> int:
        return max((entry.sequence for batch in self.batches for entry in batch), default=0)

    async def append(self, *args: Any, **kwargs: Any) -> int:
        raise NotImplementedError

    async def read(self, register: str, *, after: int = 0) -> Entry | None:
        return next((entry for batch in self.batches for entry in batch if entry.sequence > after), None)


async def entries_of(log: EventLog) -> list[Entry]:
    entries: list[Entry] = []
    last = await log.last_sequence()
    async with aclosing(log.follow(after=0)) as batches:
        while last and (not entries or entries[-1].sequence < last):
            entries += await anext(batches)
    return entries
