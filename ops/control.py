"""The control channel of a running ``samverka up``: other commands ask it to do things, on the loopback interface.

One line asks, one line answers, and the connection is over::

    <secret> <verb> [<word>…]\\n      →      done <what was done>\\n   or   failed <why>\\n

Port and secret stand in the record of the run (mode 0600), so whoever may read the data directory may ask. A caller that
knows no secret is told nothing but that. Requests are carried out one after the other.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from ops.dirs import DataDir
from ops.failure import Failure
from ops.nats.keys import Entropy
from ops.ports import LOOPBACK
from ops.state import Control, read_run

Command = Callable[..., Awaitable[str]]
"""Carries out a request with its words as arguments and returns what was done, in one line; Failure if it cannot be."""

SECRET_BYTES = 32
LINE_BYTES_MAX = 1024
CALLERS_MAX = 16
_ASK_SECONDS_MAX = 5.0
_ANSWER_SECONDS_MAX = 180.0
"""Adding a region starts its processes and waits until they are ready."""
_DONE, _FAILED = "done", "failed"


class ControlServer:
    """Answers requests; ``commands`` maps each verb to how many words follow it and what carries it out."""

    def __init__(self, commands: dict[str, tuple[int, Command]], *, entropy: Entropy) -> None:
        self._commands = commands
        self._secret = entropy(SECRET_BYTES).hex()
        self._turn = asyncio.Lock()
        self._callers: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self, tasks: asyncio.TaskGroup) -> Control:
        """Listen on a port that the system chooses, with each caller a task of ``tasks``; say how to reach it."""

        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if len(self._callers) >= CALLERS_MAX:
                writer.transport.abort()
                return
            caller = tasks.create_task(self._serve(reader, writer), name="control")
            self._callers.add(caller)
            caller.add_done_callback(self._callers.discard)

        self._server = await asyncio.start_server(accept, LOOPBACK, 0, limit=LINE_BYTES_MAX)
        return Control(port=self._server.sockets[0].getsockname()[1], secret=self._secret)

    async def close(self) -> None:
        """Take no more requests; one that is being carried out is given up."""
        if self._server is not None:
            self._server.close()
        for caller in self._callers:
            caller.cancel()
        await asyncio.gather(*self._callers, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_ASK_SECONDS_MAX):
                line = await reader.readuntil(b"\n")
            writer.write(f"{await self._answer(line)}\n".encode())
            writer.close()
            async with asyncio.timeout(_ASK_SECONDS_MAX):
                await writer.wait_closed()
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # no request, or nobody who waits for the answer
        finally:
            writer.transport.abort()

    async def _answer(self, line: bytes) -> str:
        try:
            secret, verb, *words = line.decode("ascii").split()
        except ValueError:
            return f"{_FAILED} That is no request."
        if not hmac.compare_digest(secret, self._secret):
            return f"{_FAILED} The secret is wrong."
        count, command = self._commands.get(verb, (0, None))
        if command is None or len(words) != count:
            return f"{_FAILED} There is no such request."
        async with self._turn:
            try:
                return f"{_DONE} {_one_line(await command(*words))}"
            except Failure as failure:
                return f"{_FAILED} {_one_line(str(failure))}"


async def ask(data: DataDir, verb: str, words: Sequence[str]) -> str:
    """Have the ``samverka up`` that runs on ``data`` do something, and return what it says; Failure if it cannot."""
    run = read_run(data)
    if run is None or run.supervisor.find() is None:
        raise Failure(f"Nothing runs on {data.root}.")
    if run.control is None:
        raise Failure(f"What runs on {data.root} is still starting, or of an older version that takes no requests.")
    try:
        async with asyncio.timeout(_ANSWER_SECONDS_MAX):
            answer = await _exchange(run.control, " ".join((run.control.secret, verb, *words)))
    except TimeoutError as error:
        raise Failure(f"What runs on {data.root} did not answer within {_ANSWER_SECONDS_MAX:g} s.") from error
    except OSError as error:
        raise Failure(f"What runs on {data.root} does not answer: {error}.") from error
    outcome, _, said = answer.partition(" ")
    if outcome != _DONE:
        raise Failure(said or f"What runs on {data.root} stopped before it answered.")
    return said


async def _exchange(control: Control, request: str) -> str:
    reader, writer = await asyncio.open_connection(LOOPBACK, control.port, limit=LINE_BYTES_MAX)
    try:
        writer.write(f"{request}\n".encode())
        return (await reader.read()).decode("utf-8", "replace").strip()
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


def _one_line(text: str) -> str:
    return " ".join(text.split())
