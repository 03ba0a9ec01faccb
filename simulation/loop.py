"""An event loop whose time is virtual: it never waits, and what it does follows from what it is asked alone."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from _typeshed import FileDescriptorLike

Result = TypeVar("Result")
TURNS_MAX = 2_000_000
"""Turns of the loop; a simulation takes some ten thousand."""


class Stuck(Exception):
    """Everybody waits for somebody else, or it goes on for ever."""


class VirtualTime(selectors.BaseSelector):
    """Time that jumps to the next thing that is due; nothing is ever read from outside."""

    def __init__(self) -> None:
        self.now_seconds = 0.0
        self._turns = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self._turns += 1
        if timeout is None:
            raise Stuck("nothing is left to do, and somebody waits")
        if self._turns > TURNS_MAX:
            raise Stuck(f"no rest after {TURNS_MAX:,} turns")
        self.now_seconds += max(0.0, timeout)
        return []

    def register(self, fileobj: FileDescriptorLike, events: int, data: Any = None) -> selectors.SelectorKey:
        """Accept the loop's own pipe, which nobody writes to."""
        return selectors.SelectorKey(fileobj, fileobj if isinstance(fileobj, int) else fileobj.fileno(), events, data)

    def unregister(self, fileobj: FileDescriptorLike) -> selectors.SelectorKey:
        return self.register(fileobj, 0)

    def get_map(self) -> Mapping[FileDescriptorLike, selectors.SelectorKey]:
        return {}

    def get_key(self, fileobj: FileDescriptorLike) -> selectors.SelectorKey:
        raise KeyError(fileobj)  # as an event loop asks before it registers


class VirtualLoop(asyncio.SelectorEventLoop):
    """The loop of asyncio on virtual time; work for a thread is done at once, and its result comes a moment later."""

    def __init__(self, work_seconds: Callable[[], float]) -> None:
        self._virtual = VirtualTime()
        self._work_seconds = work_seconds
        super().__init__(self._virtual)

    def time(self) -> float:
        return self._virtual.now_seconds

    def run_in_executor(  # type: ignore[override]
        self, executor: Executor | None, func: Callable[..., Result], *args: Any
    ) -> asyncio.Future[Result]:
        """Run ``func`` here and now. Whoever is cancelled before the result has come does not learn that it ran."""
        done: asyncio.Future[Result] = self.create_future()
        settle: Callable[[], None]
        try:
            settle = partial(done.set_result, func(*args))
        except Exception as error:
            settle = partial(done.set_exception, error)
        self.call_later(self._work_seconds(), _settle, done, settle)
        return done


def _settle(done: asyncio.Future[Any], settle: Callable[[], None]) -> None:
    if not done.done():  # it may have been cancelled
        settle()
