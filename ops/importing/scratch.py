"""What a run remembers of the records it has seen: on disk, so that memory stays bounded, and gone with the process."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import apsw

from ops.importing.limits import SCRATCH_CACHE_KIB

_SCHEMA = f"""
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -{SCRATCH_CACHE_KIB};
CREATE TABLE seen (kind TEXT, key INTEGER, PRIMARY KEY (kind, key)) WITHOUT ROWID;
CREATE TABLE people (key TEXT PRIMARY KEY, person_id TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE posts (
    key INTEGER PRIMARY KEY,
    target_id TEXT NOT NULL,
    thread_id TEXT NOT NULL,
    skipped INTEGER NOT NULL,
    votes INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE acceptances (key INTEGER PRIMARY KEY, at TEXT NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a post of the source is now; both ids are empty if it did not come in."""

    target_id: str
    """The post or comment that it became."""
    thread_id: str
    """The post under which comments on it go."""
    skipped: bool
    """It was left out on purpose, not refused."""


class Scratch:
    """A private database; SQLite deletes its file when the process ends, however it ends."""

    def __init__(self) -> None:
        self._database = apsw.Connection("")  # the empty name: a temporary file, spilled to only when the cache is full
        self._database.execute(_SCHEMA).fetchall()  # apsw runs what follows a row only when asked for more

    def first_time(self, kind: str, key: int) -> bool:
        """Note that a record was seen; False if it had been."""
        self._database.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (kind, key))
        return self._database.changes() == 1

    def put_person(self, key: str, person_id: str) -> None:
        self._database.execute("INSERT OR REPLACE INTO people VALUES (?, ?)", (key, person_id))

    def person(self, key: str) -> str:
        """Return the person's id; empty if nobody has that key."""
        found = self._database.execute("SELECT person_id FROM people WHERE key = ?", (key,)).get
        return str(found) if found else ""

    def put_post(self, key: int, *, target_id: str = "", thread_id: str = "", skipped: bool = False) -> None:
        self._database.execute(
            "INSERT OR REPLACE INTO posts (key, target_id, thread_id, skipped) VALUES (?, ?, ?, ?)",
            (key, target_id, thread_id, skipped),
        )

    def post(self, key: int) -> Place | None:
        for target_id, thread_id, skipped in self._database.execute(
            "SELECT target_id, thread_id, skipped FROM posts WHERE key = ?", (key,)
        ):
            return Place(str(target_id), str(thread_id), bool(skipped))
        return None

    def next_vote(self, key: int) -> int:
        """Return the ordinal, from 1, of one more vote on a post."""
        sql = "UPDATE posts SET votes = votes + 1 WHERE key = ? RETURNING votes"
        return int(self._database.execute(sql, (key,)).get)

    def put_accepted_at(self, key: int, at: datetime) -> None:
        self._database.execute("INSERT OR REPLACE INTO acceptances VALUES (?, ?)", (key, at.isoformat()))

    def accepted_at(self, key: int) -> datetime | None:
        """Return when an answer was accepted, if that is known."""
        found = self._database.execute("SELECT at FROM acceptances WHERE key = ?", (key,)).get
        return datetime.fromisoformat(str(found)) if found else None

    def close(self) -> None:
        self._database.close()
