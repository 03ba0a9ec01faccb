"""One directory of the index, kept at the store: what has changed there is indexed anew, and the position with it.

The store is the truth. The index's position is a document of the index itself, so one commit makes both visible, or
neither; a row of the store says at which sequence it last changed. Whatever stops the process, the index goes on from its
own position. One that is ahead of a store that lost its end is made again.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tantivy import Index, Query, Searcher

from services.chassis.projection import applied_sequence
from services.chassis.store import Connection
from services.search.index.fields import (
    POSITION_KEY,
    Indexed,
    document_of,
    make_schema,
    position_document,
    register_analyzers,
)

WRITER_BYTES = 64_000_000
"""What is collected in memory before it becomes a segment of its own."""
_FOUND = """
    select sequence, hit, author, group_id, audience, called, title, body, created_at_ms from findable
    where changed > ? order by changed
"""
_CHANGED = (
    "select sequence from documents where changed > ?1 union all select sequence from removals where changed > ?1"
)


class Damaged(Exception):
    """What stands in a directory is no index of this version."""


class Directory:
    """An open index, to which one process writes at a time. Raises Damaged when it is opened.

    ``position`` is the last sequence of the log whose effect a searcher sees. Of what was deleted up to ``made`` nothing has
    ever been in it; 0: nothing at all has.
    """

    def __init__(self, path: Path) -> None:
        path.mkdir(parents=True, exist_ok=True)
        self.path = path
        try:
            self._index = Index(make_schema(), path=str(path))
            register_analyzers(self._index)
            self._index.config_reader("manual")
            self.position, self.made = self._read_position()
        except (ValueError, OSError) as error:
            raise Damaged(str(path)) from error
        self.schema = self._index.schema
        self._writer = self._index.writer(WRITER_BYTES, 1)

    def searcher(self) -> Searcher:
        """Return a view of the index that stays as it is."""
        return self._index.searcher()

    def bring(self, db: Connection) -> None:
        """Bring the index to where the store is."""
        position = applied_sequence(db)
        if position < self.position:
            self._writer.delete_all_documents()
            self.position = self.made = 0
        if self._write_changes(db):
            self.made = self.made or position
            self._commit(position)
        self.position = position

    def never_had(self, sequence: int) -> bool:
        """Whether nothing that the log's entry ``sequence`` deleted has ever been in this directory."""
        return not self.made or self.made >= sequence

    def close(self) -> None:
        """Let merging end, and give the directory free."""
        self._writer.wait_merging_threads()

    def _write_changes(self, db: Connection) -> bool:
        """Index what has changed; whether there was anything."""
        changed = False
        for (sequence,) in db.execute(_CHANGED, (self.position,)) if self.made else ():
            self._writer.delete_documents_by_term("sequence", sequence)
            changed = True
        for row in _rows(db, after=self.position):
            self._writer.add_document(document_of(row))
            changed = True
        return changed

    def _commit(self, position: int) -> None:
        self._writer.delete_documents_by_term("sequence", POSITION_KEY)
        self._writer.add_document(position_document(position, made=self.made))
        self._writer.commit()
        self._index.reload()

    def _read_position(self) -> tuple[int, int]:
        searcher = self._index.searcher()
        hits = searcher.search(Query.term_query(self._index.schema, "sequence", POSITION_KEY), 1, count=False).hits
        if not hits:
            return 0, 0
        document = searcher.doc(hits[0][1])
        return int(str(document.get_first("position"))), int(str(document.get_first("made")))


def _rows(db: Connection, *, after: int) -> Iterator[Indexed]:
    for row in db.execute(_FOUND, (after,)):
        yield Indexed(*row)
