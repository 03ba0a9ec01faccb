"""The index of one replica: the directory that is searched and, now and then, the one that is made to take its place.

A deleted document leaves its words in Tantivy's segments until they are merged, which may be never. So where somebody was
erased, a new directory is made from the store, beside the old one, which is searched until then.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from tantivy import Schema, Searcher

from services.chassis.store import Connection, Store
from services.search.index.directory import Damaged, Directory
from services.search.index.fields import INDEX_VERSION
from services.search.index.matching import Matching

RENEWAL_AWAITED_SECONDS_MAX = 5.0
"""How long somebody waits for the making of a new directory before they ask again; a large one takes minutes."""
_THREADS_MAX = 4
"""For the second side of a search, of however many are under way."""
_SUFFIX = "-index.v"
_log = logging.getLogger(__name__)


class SearchIndex:
    """What stands beside the store; made by ``open_index``."""

    def __init__(self, store: Store, directory: Directory) -> None:
        self._store = store
        self._directory = directory
        self._next: Directory | None = None
        self._bringing = threading.Lock()  # of threads: one goes on when whoever waits for it is cancelled
        self._renewal_asked = asyncio.Event()
        self._renewed = asyncio.Event()
        self._others_removed = False
        self._threads = ThreadPoolExecutor(_THREADS_MAX, "search")

    @property
    def schema(self) -> Schema:
        return self._directory.schema

    @property
    def path(self) -> Path:
        return self._directory.path

    @property
    def position(self) -> int:
        """The last sequence of the log whose effect a searcher sees."""
        return self._directory.position

    def searcher(self) -> Searcher:
        """Return a view of the index that stays as it is."""
        return self._directory.searcher()

    def matching(self, audiences: Sequence[str]) -> Matching:
        """Return what who has these audiences finds, in such a view."""
        return Matching(self.schema, self.searcher(), audiences, threads=self._threads)

    async def follow(self) -> None:
        """Bring the index to where the store is."""
        await self._store.read(self._bring)

    async def scrub(self, sequence: int) -> bool:
        """Whether nothing is left of what the log's entry ``sequence`` deleted; False: the index is being made anew."""
        if self._directory.never_had(sequence):
            return True
        self._renewal_asked.set()
        self._renewed.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(RENEWAL_AWAITED_SECONDS_MAX):
                await self._renewed.wait()
        return self._directory.never_had(sequence)

    async def run(self) -> None:
        """Make the index anew whenever something has to be forgotten, for ever."""
        while True:
            await self._renewal_asked.wait()
            self._renewal_asked.clear()
            self._next = await self._store.read(self._make)
            await self.follow()
            self._renewed.set()

    def close(self) -> None:
        """Give the directories free, and end the threads."""
        self._threads.shutdown()
        with self._bringing:
            for directory in (self._directory, self._next):
                if directory is not None:
                    directory.close()

    def _make(self, db: Connection) -> Directory:
        directory = Directory(_numbered(self._store, _number(self._directory.path) + 1))
        directory.bring(db)
        return directory

    def _bring(self, db: Connection) -> None:
        with self._bringing:
            if self._next is None:
                self._directory.bring(db)
            else:
                self._next.bring(db)
                self._directory, old, self._next = self._next, self._directory, None
                old.close()
                self._others_removed = False
            if not self._others_removed:
                self._remove_others()

    def _remove_others(self) -> None:
        for path in _paths(self._store):
            if path != self._directory.path:
                shutil.rmtree(path)
        self._others_removed = True


@contextmanager
def open_index(store: Store) -> Iterator[SearchIndex]:
    """Open the index beside the store, or begin one; those of other versions stay until this one has caught up."""
    index = SearchIndex(store, _open_latest(store) or Directory(_numbered(store, 1)))
    try:
        yield index
    finally:
        index.close()


def _open_latest(store: Store) -> Directory | None:
    """Open the latest directory of this version that was ever complete, and remove those of it that are not."""
    ours = [path for path in _paths(store) if path.name.startswith(f"{store.path.name}{_SUFFIX}{INDEX_VERSION}.")]
    for path in sorted(ours, key=_number, reverse=True):
        try:
            directory = Directory(path)
        except Damaged as error:
            _log.warning("the index is damaged and is made again", extra={"path": str(path), "error": repr(error)})
        else:
            if directory.position:
                return directory
            directory.close()
        shutil.rmtree(path)
    return None


def _paths(store: Store) -> list[Path]:
    return list(store.path.parent.glob(f"{store.path.name}{_SUFFIX}*"))


def _numbered(store: Store, number: int) -> Path:
    return store.path.with_name(f"{store.path.name}{_SUFFIX}{INDEX_VERSION}.{number}")


def _number(path: Path) -> int:
    return int(path.name.rpartition(".")[2])
