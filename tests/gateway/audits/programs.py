"""Clients of other makers, run by Node against a gateway; ``make test`` installs them where Node is."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

ROOM = Path(__file__).parent
PATIENCE_SECONDS = 60

needs_node = pytest.mark.skipif(
    not (ROOM / "node_modules" / ".installed").exists(), reason="the audits need Node and npm: then run make audits"
)


class Program:
    """A program of this room, which is told and tells lines of JSON."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def tell(self, *what: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(what).encode() + b"\n")
        await self._process.stdin.drain()

    async def heard(self) -> Any:
        """Return what it says next."""
        assert self._process.stdout is not None
        async with asyncio.timeout(PATIENCE_SECONDS):
            line = await self._process.stdout.readline()
        assert line, "the program has ended"
        return json.loads(line)

    async def heard_of(self, kind: str) -> list[Any]:
        """Return the next thing of that kind that it says, without its kind."""
        while True:
            said: list[Any] = await self.heard()
            if said[0] == kind:
                return said[1:]


@asynccontextmanager
async def running(script: str, *arguments: str) -> AsyncIterator[Program]:
    """Run a script of this room; it is ended with the block."""
    process = await asyncio.create_subprocess_exec(
        "node",
        str(ROOM / script),
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=2**20,
    )
    assert process.stdin is not None
    try:
        yield Program(process)
    finally:
        process.stdin.close()
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
