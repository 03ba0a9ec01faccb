"""A turn again and again: one that fails because the log does not answer is told, and taken again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from services.chassis.cancelling import heed_cancellation
from services.chassis.errors import SamverkaError

_log = logging.getLogger(__name__)


async def repeat(
    turn: Callable[[], Awaitable[None]], *, every_seconds: float, woken: asyncio.Event | None = None
) -> None:
    """Take turns for ever, ``every_seconds`` or as soon as ``woken`` is set."""
    waking = woken or asyncio.Event()
    while True:
        heed_cancellation()
        waking.clear()
        try:
            await turn()
        except SamverkaError as error:
            _log.warning("a turn has failed and is taken again", extra={"error": str(error)})
        try:
            async with asyncio.timeout(every_seconds):
                await waking.wait()
        except TimeoutError:
            pass
