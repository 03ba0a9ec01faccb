"""A service's SQLite file: one writer and a pool of readers, each with a thread and a connection of its own.

Work goes to a thread as a whole function, not statement by statement: a batch of a thousand events is one hop. What is
small and bounded, such as a page, does not even take that: it is read on the event loop, by a connection of its own. APSW
brings a current SQLite where the standard library's is years older (docs/adr/0003). The file is a projection of the log:
losing it costs a replay. So it is not synced on every commit, and a file that proves damaged, at once or in use, is removed
and made again the next time it is opened. What is deleted is overwritten, for people may ask for that (docs/adr/0021).
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import shutil
import stat
import threading
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import apsw
import orjson

from services.chassis import limits

Connection = apsw.Connection
Result = TypeVar("Result")

_log = logging.getLogger(__name__)
_DAMAGE = (apsw.CorruptError, apsw.NotADBError)
_DAMAGED = "-damaged"
_BUSY_MS = 5_000
_SCRUB_BUSY_MS = 100
_STATEMENTS_CACHED = 200
_PRAGMAS = """
    pragma journal_mode = wal;
    pragma synchronous = normal;
    pragma secure_delete = on;
    pragma wal_autocheckpoint = 16384;
    pragma foreign_keys = off;
    pragma temp_store = memory;
    pragma cache_size = -65536;
    pragma mmap_size = 1073741824;
    pragma journal_size_limit = 67108864;
"""
# These hold for a connection alone. What the map does not cover is the write-ahead log, of which a reader keeps a part.
_READER_PRAGMAS = """
    pragma query_only = on;
    pragma temp_store = memory;
    pragma cache_size = -16384;
    pragma mmap_size = 1073741824;
"""


@dataclass(frozen=True, slots=True)
class TableDigest:
    """What a table holds, in 32 bytes: SHA-256 over its rows in the order of their primary key."""

    table: str
    rows: int
    sha256: bytes


class Store:
    """An open SQLite file; made by ``open_store``."""

    def __init__(self, path: Path, writer: Connection, *, readers: int = limits.READERS) -> None:
        self.path = path
        self._writer = writer
        self._write_thread = ThreadPoolExecutor(1, thread_name_prefix="store-write")
        self._local = threading.local()
        self._opened: list[Connection] = []
        self._read_threads = ThreadPoolExecutor(readers, thread_name_prefix="store-read")

    async def transaction(self, work: Callable[[Connection], Result]) -> Result:
        """Run ``work`` in the writer's thread; all of it is committed, or none."""
        return await asyncio.get_running_loop().run_in_executor(self._write_thread, self._write, work)

    def read_now(self, work: Callable[[Connection], Result]) -> Result:
        """Run ``work`` here and now, on one snapshot of the file.

        For what is small and bounded, a page or a few lookups by key: the way to a thread and back costs more than that
        (``docs/performance.md``). Call it from the event loop alone.
        """
        return self._read(work)

    async def read(self, work: Callable[[Connection], Result]) -> Result:
        """Run ``work``, which may take its time, in a reader's thread, on one snapshot of the file."""
        return await asyncio.get_running_loop().run_in_executor(self._read_threads, self._read, work)

    async def scrub(self) -> bool:
        """Leave nothing in the files but what the tables hold; False if a reader stands on what was before.

        What is deleted is overwritten as it is deleted, but the write-ahead log goes on holding the pages of before.
        """
        return await asyncio.get_running_loop().run_in_executor(self._write_thread, self._scrub)

    def sizes_bytes(self) -> dict[str, int]:
        """Return what the files take on the disk: the database, its write-ahead log, and what a service keeps beside it."""
        return {
            "database": _size_bytes(self.path),
            "wal": _size_bytes(_beside(self.path, "-wal")),
            "beside": sum(map(_size_bytes, self.path.parent.glob(f"{self.path.name}-*/**/*"))),
        }

    async def close(self) -> None:
        """Let running work end, then close every connection."""
        await asyncio.to_thread(self._read_threads.shutdown)
        await asyncio.to_thread(self._write_thread.shutdown)
        for connection in (*self._opened, self._writer):
            connection.close()

    def _write(self, work: Callable[[Connection], Result]) -> Result:
        return self._run(self._writer, work)

    def _scrub(self) -> bool:
        self._writer.set_busy_timeout(_SCRUB_BUSY_MS)  # nothing is applied meanwhile
        try:
            busy, *_ = one_row(self._writer, "pragma wal_checkpoint(truncate)")
        finally:
            self._writer.set_busy_timeout(_BUSY_MS)
        return not busy

    def _read(self, work: Callable[[Connection], Result]) -> Result:
        """Run ``work`` on this thread's own connection, opened when the thread first reads."""
        if not hasattr(self._local, "connection"):
            self._local.connection = self._open_reader()
        return self._run(self._local.connection, work)

    def _run(self, connection: Connection, work: Callable[[Connection], Result]) -> Result:
        try:
            with connection:
                result = work(connection)
        except _DAMAGE:
            _beside(self.path, _DAMAGED).touch()
            raise
        return result  # apsw's context manager is typed as one that may swallow

    def _open_reader(self) -> Connection:
        # A thread's own connection needs no mutex, which SQLite takes for every column that is read.
        connection = _connect(self.path, flags=apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_NOMUTEX)
        connection.execute(_READER_PRAGMAS).fetchall()
        self._opened.append(connection)
        return connection


def one_row(db: Connection, statement: str, values: tuple[Any, ...] | dict[str, Any] = ()) -> tuple[Any, ...]:
    """Return the row of a statement that always has one."""
    row = db.execute(statement, values).fetchone()
    if row is None:
        raise LookupError(statement)
    return tuple(row)


def open_store(path: Path, schema: str) -> Store:
    """Open the file at ``path`` with the tables of ``schema``, each statement of which must be safe to repeat.

    A file that is damaged, or proved to be when it was last open, is removed and made anew.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        if _beside(path, _DAMAGED).exists():
            raise apsw.CorruptError
        return Store(path, _prepare(path, schema))
    except _DAMAGE:
        _log.warning("the store is damaged and is made again from the log", extra={"path": str(path)})
        remove_store(path)
        return Store(path, _prepare(path, schema))


def remove_store(path: Path) -> None:
    """Remove the file, what SQLite keeps beside it, and what a service does: directories whose names begin with its own."""
    for suffix in ("", "-wal", "-shm", _DAMAGED):
        _beside(path, suffix).unlink(missing_ok=True)
    for directory in path.parent.glob(f"{path.name}-*/"):
        shutil.rmtree(directory)


def digest_tables(db: Connection, *, but: Mapping[str, Collection[str]] = MappingProxyType({})) -> list[TableDigest]:
    """Return the digest of every table, by name, ``but`` for some columns; a table that has no others is left out."""
    names = [str(row[0]) for row in db.execute("select name from sqlite_schema where type = 'table' order by name")]
    digests = (_digest(db, name, but=but.get(name, ())) for name in names if not name.startswith("sqlite_"))
    return [digest for digest in digests if digest is not None]


def _size_bytes(path: Path) -> int:
    try:
        found = path.stat()
    except OSError:  # gone since it was listed
        return 0
    return found.st_size if stat.S_ISREG(found.st_mode) else 0


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _prepare(path: Path, schema: str) -> Connection:
    connection = _connect(path, flags=apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE)
    try:
        connection.execute(_PRAGMAS).fetchall()  # some answer with a row, behind which nothing runs until it is read
        with connection:
            connection.execute(schema)
    except apsw.Error:
        connection.close()
        raise
    return connection


def _connect(path: Path, *, flags: int) -> Connection:
    connection = Connection(str(path), flags=flags, statementcachesize=_STATEMENTS_CACHED)
    # Otherwise a statement that could use a partial index is planned anew whenever its values change.
    connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
    connection.set_busy_timeout(_BUSY_MS)
    return connection


def _digest(db: Connection, table: str, *, but: Collection[str]) -> TableDigest | None:
    columns = list(db.execute("select name, pk from pragma_table_info(?)", (table,)))
    chosen = ", ".join(f'"{name}"' for name, _ in columns if name not in but)
    if not chosen:
        return None
    keys = [name for name, place in sorted(columns, key=lambda column: column[1]) if place]
    digest, rows = hashlib.sha256(), 0
    order = ", ".join(f'"{key}"' for key in keys or [name for name, _ in columns])
    for row in db.execute(f'select {chosen} from "{table}" order by {order}'):
        # A list in the list tells bytes from the text that spells them.
        digest.update(orjson.dumps([[value.hex()] if isinstance(value, bytes) else value for value in row]))
        rows += 1
    return TableDigest(table, rows, digest.digest())
