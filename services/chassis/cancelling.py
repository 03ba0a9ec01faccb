"""A cancellation that was lost on the way.

``asyncio.wait_for`` of Python 3.11 swallows a cancellation that comes just as its future is done, and the NATS client
waits by it. The task remembers that it was to end; whoever loops over calls of such a library asks it.
"""

from __future__ import annotations

import asyncio


def heed_cancellation() -> None:
    """Raise CancelledError if the current task was cancelled and goes on nevertheless."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
