"""A nats-server for one task: on a port of the system's choosing, for nobody else, gone when the task is done."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import orjson

from ops.failure import Failure
from ops.nats.quoting import quoted

_LEASHED = Path(__file__).parents[1] / "leashed.py"
_START_SECONDS_MAX = 30.0
_STOP_SECONDS_MAX = 30.0
_LOOK_SECONDS = 0.05
_TOLD_CHARACTERS_MAX = 2_000


@asynccontextmanager
async def serving(program: str, configuration: Path) -> AsyncIterator[str]:
    """Run a nats-server by a configuration, but for where it listens to clients, and yield its address.

    Failure if it does not start; then something else of the configuration's is in use, its store or a port for links.
    """
    with tempfile.TemporaryDirectory(prefix="samverka-nats-") as place:
        said = Path(place) / "log"
        with said.open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, str(_LEASHED), str(os.getpid()), program, "-c", str(configuration)),
                *("-a", "127.0.0.1", "-p", "-1", "--ports_file_dir", place),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            yield await _address(process, Path(place), said)
        finally:
            await _end(process)


def write_configuration(directory: Path) -> Path:
    """Write the configuration of a server that keeps a log in a directory and knows nobody, and return it."""
    file = directory / "nats.conf"
    file.write_text(f"jetstream {{ store_dir: {quoted(str(directory / 'store'))}, sync_interval: always }}\n")
    return file


async def _address(process: asyncio.subprocess.Process, place: Path, said: Path) -> str:
    with suppress(TimeoutError):
        async with asyncio.timeout(_START_SECONDS_MAX):
            while process.returncode is None:
                if found := _told_address(place):
                    return found
                await asyncio.sleep(_LOOK_SECONDS)
    raise Failure(f"The nats-server did not start:\n{_end_of(said)}")


def _told_address(place: Path) -> str:
    """Return the address in the file that the server writes; empty as long as that is not whole."""
    for file in place.glob("*.ports"):
        with suppress(ValueError):
            return str(orjson.loads(file.read_bytes())["nats"][0])
    return ""


def _end_of(file: Path) -> str:
    return file.read_text(errors="replace")[-_TOLD_CHARACTERS_MAX:]


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
        try:
            async with asyncio.timeout(_STOP_SECONDS_MAX):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
