"""What the words that somebody is typing may become: people, groups, titles and topics, taken in turns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain, islice, zip_longest
from typing import TypeVar

from samverka.search.v1.search_views_pb2 import (
    HIT_KIND_GROUP,
    HIT_KIND_PERSON,
    HIT_KIND_QUESTION,
    SUGGESTION_KIND_TOPIC,
    HitKind,
    Suggestion,
)
from services.chassis.store import Connection
from services.search.domain.prefixes import Beginning
from services.search.index.keeping import SearchIndex
from services.search.index.matching import Matching
from services.search.standing import Viewer, audiences_of
from services.search.views import found_rows, suggestion_of

T = TypeVar("T")


def complete(
    db: Connection, beginning: Beginning, *, first: int, viewer: Viewer, index: SearchIndex
) -> list[Suggestion]:
    """Return what ``beginning`` may become, of what the viewer may find."""
    audiences = audiences_of(db, viewer)
    matching = index.matching(audiences)
    lists = [
        _named(db, matching, audiences, beginning.words, kind, most=first)
        for kind, wanted in (
            (HIT_KIND_PERSON, beginning.people),
            (HIT_KIND_GROUP, beginning.others),
            (HIT_KIND_QUESTION, beginning.others),
        )
        if wanted
    ]
    if beginning.topics:
        topics = matching.topics(beginning.topic, most=first)
        lists.append([Suggestion(kind=SUGGESTION_KIND_TOPIC, text=topic) for topic in topics])
    return list(islice(_in_turns(lists), first))


def _named(
    db: Connection,
    matching: Matching,
    audiences: Sequence[str],
    words: Sequence[str],
    kind: HitKind.ValueType,
    *,
    most: int,
) -> list[Suggestion]:
    sequences = matching.named(words, kind=str(kind), most=most)
    rows = found_rows(db, sequences, audiences)
    return [suggestion_of(rows[sequence]) for sequence in sequences if sequence in rows]


def _in_turns(lists: Sequence[Sequence[T]]) -> Iterable[T]:
    return (item for item in chain.from_iterable(zip_longest(*lists)) if item is not None)
