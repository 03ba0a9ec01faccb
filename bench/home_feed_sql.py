"""The home feed's question alone: inside the feed's file, for readers who follow many, few, and hardly anybody."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from contextlib import closing
from copy import copy
from pathlib import Path

import apsw

from bench.http_load import percentile
from bench.report import Figure
from services.chassis import limits
from services.chassis.clock import SystemClock
from services.chassis.paging import PageRequest
from services.chassis.store import Connection, one_row
from services.feed.queries.list_home_feed import WINDOW_SEQUENCES, list_home_feed

_TIMES = 500
_WARM_UP_TIMES = 50


def measure(file: Path, *, plans: bool) -> list[Figure]:
    """Return the figures for a feed's SQLite file, which a replica has filled; it is copied first.

    ``plans`` prints how SQLite goes about each statement.
    """
    with closing(_opened(file)) as db:
        ordinary = [str(row[0]) for row in db.execute("select distinct reader from home_sources limit ?", (_TIMES,))]
        quiet = "select author from posts group by author order by max(sequence) limit 1"
        db.execute(f"insert or ignore into home_sources select 'of one', author from ({quiet})")
        db.execute("insert or ignore into home_sources select 'of all', id from people")
        followed = one_row(db, "select count(*) from home_sources where reader = ?", (ordinary[0],))[0]
        people = one_row(db, "select count(*) from people")[0]
        readers = {
            f"following {followed - 1:,}": ordinary,
            f"following all {people:,}": ["of all"],
            "following one, who is quiet": ["of one"],
        }
        figures = [figure for name, who in readers.items() for figure in _figures(name, who, db, plans=plans)]
        _fall_silent(db)
        return [
            *figures,
            *(
                figure
                for name, who in readers.items()
                for figure in _figures(f"{name}, after a long silence", who, db, plans=plans)
            ),
        ]


def _opened(file: Path) -> Connection:
    copied = Connection(":memory:")
    with (
        closing(Connection(str(file), flags=apsw.SQLITE_OPEN_READONLY)) as original,
        copied.backup("main", original, "main") as backup,
    ):
        backup.step()
    return copied


def _fall_silent(db: Connection) -> None:
    """Let more pass than the walk's window with nothing but a post of a stranger: what is left is the merge."""
    last = one_row(db, "select max(sequence) from posts")[0] + WINDOW_SEQUENCES + 1
    post = "(?, 'a stranger''s post', 0, 0, 'a stranger', null, 1, '', '', '[]', '', 0, 0, 0, 0, 1, 0, 0, '', 0, '{}')"
    db.execute(f"insert into posts values {post}", (last,))


def _figures(name: str, readers: Sequence[str], db: Connection, *, plans: bool) -> list[Figure]:
    clock = SystemClock()
    page = PageRequest(limits.PAGE_ITEMS_DEFAULT, None)
    milliseconds = []
    for time in range(-_WARM_UP_TIMES, _TIMES):
        begun = clock.monotonic_seconds()
        list_home_feed(db, page, reader=readers[time % len(readers)], epoch="bench")
        if time >= 0:
            milliseconds.append((clock.monotonic_seconds() - begun) * 1000)
    if plans:
        _print_plans(name, readers[0], db)
    return [
        Figure(f"home feed in SQLite, {name}: p50", statistics.median(milliseconds), "ms, messages built"),
        Figure(f"home feed in SQLite, {name}: p99", percentile(milliseconds, 99), "ms, messages built"),
    ]


def _print_plans(name: str, reader: str, db: Connection) -> None:
    asked: list[tuple[str, apsw.Bindings | None]] = []

    def note(_: apsw.Cursor, statement: str, values: apsw.Bindings | None) -> bool:
        asked.append((statement, copy(values)))  # they are changed between the statements
        return True

    db.exec_trace = note
    try:
        list_home_feed(db, PageRequest(limits.PAGE_ITEMS_DEFAULT, None), reader=reader, epoch="bench")
    finally:
        db.exec_trace = None
    for statement, values in asked:
        print(f"\n{name}: {' '.join(statement.split())}")
        for row in db.execute(f"explain query plan {statement}", values):
            print(f"    -- {row[3]}")
