"""How far an import has come, drawn on a terminal; elsewhere nothing is drawn."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn

_REFRESHES_PER_SECOND = 5


class Watcher(Protocol):
    """Is told of every record that was read: which step, how many bytes of how many are behind it."""

    def at(self, step: str, *, done_bytes: int, total_bytes: int) -> None: ...


class Unwatched:
    """Shows nothing."""

    def at(self, step: str, *, done_bytes: int, total_bytes: int) -> None:
        """Nobody looks."""


class Bars:
    """One bar a step."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def at(self, step: str, *, done_bytes: int, total_bytes: int) -> None:
        if step not in self._tasks:
            self._tasks[step] = self._progress.add_task(step, total=total_bytes, records=0)
        task = self._tasks[step]
        records = int(self._progress.tasks[task].fields["records"]) + 1
        self._progress.update(task, completed=done_bytes, records=records)


@contextmanager
def watched(console: Console) -> Iterator[Watcher]:
    """Yield what draws on ``console`` if it is a terminal."""
    if not console.is_terminal:
        yield Unwatched()
        return
    columns = (
        TextColumn("{task.description:<14}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[records]:>9,} rows"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, refresh_per_second=_REFRESHES_PER_SECOND) as progress:
        yield Bars(progress)
