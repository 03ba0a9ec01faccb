"""Hits and suggestions as their viewer sees them: what the store holds of the documents that the index has found."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

from samverka.feed.v1.feed_views_pb2 import REACH_LOCAL, REACH_NETWORK
from samverka.search.v1.search_views_pb2 import (
    HIT_KIND_GROUP,
    HIT_KIND_PERSON,
    SUGGESTION_KIND_GROUP,
    SUGGESTION_KIND_PERSON,
    SUGGESTION_KIND_TITLE,
    Hit,
    Suggestion,
)
from services.chassis.ids import region_of
from services.chassis.store import Connection
from services.search.domain.snippets import snippet_of

_ROWS = f"""
    select f.sequence, f.hit, f.id, f.title, f.body, f.author, coalesce(p.called, ''), coalesce(p.title, ''),
        f.group_id, g.title, f.local, f.post_id, f.created_at_ms
    from findable f
    left join documents p on p.id = f.author and p.local = 0 and p.kind = {HIT_KIND_PERSON}
    left join documents g on g.id = f.group_id and g.local = f.local and g.kind = {HIT_KIND_GROUP}
    where f.sequence in (select value from json_each(?)) and f.audience in (select value from json_each(?))
"""
Row = Sequence[Any]


def found_rows(db: Connection, sequences: Sequence[int], audiences: Sequence[str]) -> Mapping[int, Row]:
    """Return the rows of what was found, by sequence; what has gone since the index looked is missing."""
    rows = db.execute(_ROWS, (orjson.dumps(sequences).decode(), orjson.dumps(audiences).decode()))
    return {int(str(row[0])): row for row in rows}


def fill_hit(hit: Hit, row: Row, marks: Callable[[str], bool]) -> None:
    """Fill in a hit; ``marks`` says which words of its text to mark."""
    hit.kind, hit.id, hit.title, body = row[1:5]
    for text, matched in snippet_of(body, marks):
        hit.snippet.add(text=text, matched=matched)
    if hit.kind != HIT_KIND_GROUP or row[7]:  # a group outlives its founder
        author = hit.author
        author.id, author.handle, author.name = row[5:8]
        author.region = region_of(author.id)
    if row[9] is not None:
        group = hit.group
        group.id, group.name = row[8:10]
        group.reach = REACH_LOCAL if row[10] else REACH_NETWORK
    hit.post_id = row[11] or ""
    hit.created_at_ms = row[12]


def suggestion_of(row: Row) -> Suggestion:
    """Return the suggestion of a person, a group or a question."""
    if row[1] == HIT_KIND_PERSON:
        return Suggestion(kind=SUGGESTION_KIND_PERSON, text=row[3], id=row[2], handle=row[6], region=region_of(row[2]))
    kind = SUGGESTION_KIND_GROUP if row[1] == HIT_KIND_GROUP else SUGGESTION_KIND_TITLE
    return Suggestion(kind=kind, text=row[3], id=row[2], region=region_of(row[2]))
