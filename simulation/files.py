"""The files of simulated services: in memory, and kept while nobody has them open, as on a disk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

_IN_MEMORY = "memdb"


@contextmanager
def files_in_memory() -> Iterator[None]:
    """Let SQLite open files in memory, where one name is one file for the whole process.

    What a service sees is the same but for the journal, which is SQLite's own affair, and costs most of a short transaction.
    """
    usual = apsw.vfs_names()[0]
    apsw.set_default_vfs(_IN_MEMORY)
    try:
        yield
    finally:
        apsw.set_default_vfs(usual)


class KeptFile:
    """A file that outlives the process which wrote it: a connection of its own holds it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection = apsw.Connection(str(path))
        self._copy = b""

    def copy(self) -> None:
        """Keep the file as it is now."""
        self._copy = self._connection.serialize("main")

    def go_back(self) -> None:
        """Put the kept copy in place of the file; without one, nothing."""
        self.empty()
        if self._copy:
            copied = apsw.Connection(":memory:")
            copied.deserialize("main", self._copy)
            with self._connection.backup("main", copied, "main") as backup:
                backup.step()
            copied.close()

    def empty(self) -> None:
        """Remove what is in the file; nobody may have it open."""
        self._connection.close()
        self._connection = apsw.Connection(str(self._path))

    def close(self) -> None:
        self._connection.close()
