"""Searching alone: a store and its index are made of so many posts, and searched as the service does, without the wire.

Half of the posts are everybody's, the others stand in private groups, of which the viewer is in a tenth. How often words
occur falls off as in any language (Zipf): the most common one stands in nearly every post.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

from bench.reading import timed
from bench.report import Figure
from bench.workload import REGION
from samverka.search.v1.search_views_pb2 import HIT_KIND_PERSON, HIT_KIND_POST
from services.chassis.clock import Clock, SystemClock
from services.chassis.ids import derive
from services.chassis.projection.progress import CHASSIS_SCHEMA
from services.chassis.store import Connection, Store, open_store
from services.search.domain.prefixes import parse_prefix
from services.search.domain.query import parse_query
from services.search.index.keeping import SearchIndex, open_index
from services.search.projections import search_projection
from services.search.queries.complete import complete
from services.search.queries.search import Search, search
from services.search.standing import Viewer

_GROUPS = 190
_AUDIENCES = 20
_WORDS = 30_000
_WORDS_OF_POST = 40
_PEOPLE = 50
_TIMES = 200
_BEGIN_MS = 1_700_000_000_000
_SPAN_MS = 60 * 24 * 3600 * 1000
_EPOCH = "bench"
QUESTIONS = {
    "a common word": "w0",
    "two common words": "w1 w2",
    "a word of a thousandth": "w180",
    "a rare word": "w20000",
    "a typo": "w2000x",
    "a phrase": '"w3 w4"',
    "a common word of one person": "w0 from:person-3",
    "a common word of one month": "w0 after:2023-12-01 before:2024-01-01",
    "filters alone": "kind:post from:person-3",
}


async def measure(folder: Path, *, posts: int) -> list[Figure]:
    """Return the figures of an index of so many posts."""
    clock = SystemClock()
    store = open_store(folder / "search.sqlite", CHASSIS_SCHEMA + search_projection().schema)
    try:
        with open_index(store) as index:
            await store.transaction(lambda db: _fill(db, posts))
            print(f"{posts:,} posts in the store", flush=True)
            begun = clock.monotonic_seconds()
            await index.follow()
            built = clock.monotonic_seconds() - begun
            size = sum(file.stat().st_size for file in index.path.iterdir())
            return [
                Figure(f"index made of {posts:,} posts", posts / built, "posts/s"),
                Figure("index on disk", size / 1e6, "MB"),
                *await _searched(store, index, clock),
                *await _followed(store, index, clock, posts=posts),
            ]
    finally:
        await store.close()


async def _searched(store: Store, index: SearchIndex, clock: Clock) -> list[Figure]:
    figures = []
    viewer = Viewer(derive(REGION, "person", "0"), REGION)
    for name, text in QUESTIONS.items():
        asked = Search(text, parse_query(text), 20, None)

        def ask(db: Connection, asked: Search = asked) -> int:
            return int(search(db, asked, viewer=viewer, index=index, epoch=_EPOCH).total_count)

        total = await store.read(ask)
        figures += await timed(f"search, {name} ({total:,} hits)", store, ask, clock, times=_TIMES)
    beginning = parse_prefix("w2")
    return figures + await timed(
        "search, completing two letters",
        store,
        lambda db: complete(db, beginning, first=10, viewer=viewer, index=index),
        clock,
        times=_TIMES,
    )


async def _followed(store: Store, index: SearchIndex, clock: Clock, *, posts: int) -> list[Figure]:
    """Measure how long one more post takes to be found, which is its commit."""
    milliseconds = []
    for number in range(posts + 2, posts + 22):
        await store.transaction(lambda db, number=number: _add(db, number, random.Random(number)))  # type: ignore[misc]
        begun = clock.monotonic_seconds()
        await index.follow()
        milliseconds.append((clock.monotonic_seconds() - begun) * 1000)
    return [Figure("one more post, until the index shows it: p50", statistics.median(milliseconds), "ms")]


def _fill(db: Connection, posts: int) -> None:
    viewer = derive(REGION, "person", "0")
    for number in range(_GROUPS):
        db.execute("insert into groups values (?, 0, ?, 1)", (_group(number), derive(REGION, "person", "1")))
    for number in range(_AUDIENCES - 1):
        join = (_group(number), viewer, "join")
        db.execute("insert into memberships values (?, 0, ?, ?)", join)
        db.execute("insert into admissions values (?, 0, ?, ?, 2)", join)
    person = derive(REGION, "person", "3")
    values = "(1, 1, ?, ?, 0, ?, null, null, 0, 0, 0, 'person-3', 'w2 Person', '', 0, 0, 1)"
    db.execute(f"insert into documents values {values}", (HIT_KIND_PERSON, person, person))
    chance = random.Random(1)
    for number in range(2, posts + 2):
        _add(db, number, chance)


def _add(db: Connection, number: int, chance: random.Random) -> None:
    group = _group(chance.randrange(_GROUPS)) if number % 2 else None
    author = derive(REGION, "person", "1" if group else str(chance.randrange(_PEOPLE)))
    body = " ".join(f"w{word}" for word in chance.choices(_VOCABULARY, cum_weights=_WEIGHTS, k=_WORDS_OF_POST))
    at_ms = _BEGIN_MS + chance.randrange(_SPAN_MS)
    db.execute(
        "insert into documents values (?1, ?1, ?2, ?3, 0, ?4, ?5, null, 0, 0, 0, '', '', ?6, ?7, 0, ?1)",
        (number, HIT_KIND_POST, derive(REGION, "bench", str(number)), author, group, body, at_ms),
    )
    db.execute("update position set sequence = ?", (number,))


def _group(number: int) -> str:
    return derive(REGION, "group", str(number))


def _weights() -> Iterator[float]:
    return accumulate(1 / (rank + 2) for rank in range(_WORDS))


_VOCABULARY = range(_WORDS)
_WEIGHTS = list(_weights())
