"""What is found and counted is what a plain reading of the rows finds among those that the viewer may see."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings

from samverka.search.v1.search_views_pb2 import HIT_KIND_POST, HIT_KIND_PRAISE, HIT_KIND_QUESTION
from services.chassis.projection.progress import CHASSIS_SCHEMA
from services.search.domain.query import parse_query
from services.search.domain.words import words_of
from services.search.index.directory import Directory
from services.search.index.matching import Matching
from services.search.projections import search_projection
from services.search.standing import Viewer, audiences_of, resolve
from tests.feed.said import FACTS, HERE, PEOPLE, Said
from tests.support.tables import Tables

Row = tuple[int, str, list[str]]
"""The kind of a hit, whose it is, and its words."""
POSTS = (HIT_KIND_POST, HIT_KIND_QUESTION, HIT_KIND_PRAISE)
QUERIES: dict[str, Callable[[Row], bool]] = {
    "one": lambda row: "one" in row[2],
    "two chess": lambda row: {"two", "chess"} <= set(row[2]),
    "one two three nothing": lambda row: not {"one", "two", "three"}.isdisjoint(row[2]),
    '"one chess"': lambda row: ("one", "chess") in zip(row[2], row[2][1:], strict=False),
    "chess -two": lambda row: "chess" in row[2] and "two" not in row[2],
    "kind:post": lambda row: row[0] in POSTS,
    "kind:praise": lambda row: row[0] == HIT_KIND_PRAISE,
    "-kind:post from:me one": lambda row: row[0] not in POSTS and row[1] == "me" and "one" in row[2],
}
MOST = 1_000


def made(facts: list[Said]) -> Tables:
    tables = Tables(search_projection())
    tables.db.execute(CHASSIS_SCHEMA)
    for number, said in enumerate(facts, start=1):
        if type(said.payload) in search_projection().handlers:
            said.apply(tables)
        tables.db.execute("update position set sequence = ?", (number,))
    return tables


def seen(tables: Tables, viewer: str, audiences: list[str]) -> dict[int, Row]:
    rows: list[Any] = tables.rows("select sequence, hit, author, title, called, body, audience from findable")
    return {
        sequence: (hit, "me" if author == viewer else author, words_of(f"{title}\n{called}\n{body}"))
        for sequence, hit, author, title, called, body, audience in rows
        if audience in audiences
    }


@settings(max_examples=40)
@given(FACTS)
def test_everybody_finds_and_counts_what_they_may_see_and_nothing_else(facts: list[Said]) -> None:
    tables = made(facts)
    with TemporaryDirectory() as path, ThreadPoolExecutor(1) as threads:
        directory = Directory(Path(path))
        directory.bring(tables.db)
        for person in PEOPLE:
            viewer = Viewer(person, HERE)
            audiences = audiences_of(tables.db, viewer)
            matching = Matching(directory.schema, directory.searcher(), audiences, threads=threads)
            for text, fits in QUERIES.items():
                query = parse_query(text)
                filters, exclusions = (resolve(tables.db, terms, viewer) for terms in (query.wanted, query.unwanted))
                matched = matching.match(query, filters, exclusions)
                wanted = {sequence for sequence, row in seen(tables, person, audiences).items() if fits(row)}
                best = matching.best(matched, MOST, shown=(), arrived_until=0)
                assert set(best.sequences) == wanted, text
                assert best.count == len(best.sequences) == len(wanted)
                half = best.sequences[: len(wanted) // 2]
                rest = matching.best(matched, MOST, shown=half, arrived_until=len(facts))
                assert (half + rest.sequences if half else rest.sequences) == best.sequences
                assert rest.count == len(wanted)
        directory.close()
