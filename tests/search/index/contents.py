"""What an index holds, told so that two can be compared whatever their segments are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tantivy import Query

from services.chassis.store import Connection, Store
from services.search.index.directory import Directory
from services.search.index.fields import POSITION_KEY
from services.search.index.keeping import SearchIndex

FIELDS = ("side", "audience", "kind", "author", "group", "topics", "title", "body", "words", "prefixes")
MOST = 100_000


def contents(index: SearchIndex | Directory) -> dict[str, dict[str, set[int]]]:
    """Return which documents hold which terms, by field, and all documents under an empty name."""
    searcher = index.searcher()

    def found(query: Query) -> set[int]:
        hits = searcher.search(query, MOST, count=False).hits
        numbers: list[Any] = searcher.fast_field_values("sequence", [address for _, address in hits])
        return set(numbers) - {POSITION_KEY}

    held = {
        name: {
            term: found(Query.term_query(index.schema, name, term))
            for term, _ in searcher.terms_with_prefix(name, "", limit=MOST)
        }
        for name in FIELDS
    }
    shown = {name: {term: where for term, where in terms.items() if where} for name, terms in held.items()}
    return {**shown, "": {"": found(Query.all_query())}}


async def made_anew(store: Store, path: Path) -> dict[str, dict[str, set[int]]]:
    """Return what an index holds that is made from the store alone."""

    def make(db: Connection) -> dict[str, dict[str, set[int]]]:
        directory = Directory(path)
        try:
            directory.bring(db)
            return contents(directory)
        finally:
            directory.close()

    return await store.read(make)
