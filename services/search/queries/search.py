"""A page of what a query finds for its viewer."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from samverka.search.v1.search_views_pb2 import HitConnection
from services.chassis.store import Connection
from services.search.domain.cursors import RESULTS_MAX, Cursor
from services.search.domain.query import Query
from services.search.index.keeping import SearchIndex
from services.search.index.matching import Matched, Matching
from services.search.standing import Viewer, audiences_of, resolve
from services.search.views import fill_hit, found_rows


@dataclass(frozen=True, slots=True)
class Search:
    """What is asked for: ``text`` is the query as it was written, ``after`` the cursor that the page follows."""

    text: str
    query: Query
    first: int
    after: Cursor | None


@dataclass(frozen=True, slots=True)
class _Found:
    cursor: Cursor
    sequences: list[int]
    has_more: bool
    total: int


def search(db: Connection, asked: Search, *, viewer: Viewer, index: SearchIndex, epoch: str) -> HitConnection:
    """Return a page of hits, the best first; the latest first if the query has no words."""
    beginning = Cursor(epoch, index.position)  # asked before the view is taken, so that the view is no older
    audiences = audiences_of(db, viewer)
    matching = index.matching(audiences)
    matched = matching.match(
        asked.query, resolve(db, asked.query.wanted, viewer), resolve(db, asked.query.unwanted, viewer)
    )
    found = _find(matching, matched, asked.after or beginning, first=asked.first)
    page = HitConnection(total_count=found.total)
    page.page_info.has_next_page, page.page_info.has_previous_page = found.has_more, asked.after is not None
    rows = found_rows(db, found.sequences, audiences)
    marks = cache(matched.marks)  # the words of a page are few, and each stands in it often
    for sequence, cursor in zip(found.sequences, found.cursor.write_behind(found.sequences, asked.text), strict=True):
        page.page_info.end_cursor = cursor
        if sequence in rows:
            fill_hit(page.edges.add(cursor=cursor).node, rows[sequence], marks)
    page.page_info.start_cursor = page.edges[0].cursor if page.edges else ""
    return page


def _find(matching: Matching, matched: Matched, cursor: Cursor, *, first: int) -> _Found:
    most = min(first, RESULTS_MAX - len(cursor.shown))
    best = matching.best(matched, most + 1, shown=cursor.shown, arrived_until=cursor.sequence)
    has_more = len(best.sequences) > most and len(cursor.shown) + most < RESULTS_MAX
    return _Found(cursor, best.sequences[:most], has_more, best.count)
