"""Badges and recognition as a viewer sees them: the columns that a page needs, and the messages made of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from samverka.recognition.v1.recognition_events_pb2 import VISIBILITY_PRIVATE, VISIBILITY_PUBLIC
from samverka.recognition.v1.recognition_views_pb2 import (
    Badge,
    BadgeConnection,
    Party,
    Recognition,
    RecognitionConnection,
)
from services.chassis.store import Connection
from services.recognition.seeing import VISIBLE

BADGE_COLUMNS = """
    badge.id, badge.name, badge.criteria, badge.kind, badge.value, badge.monthly_limit, badge.awarders, badge.retired,
    (select count(*) from recognitions mine where mine.giver = :viewer and mine.badge_id = badge.id and mine.month = :month)
"""
RECOGNITION = f"""
    select item.sequence, item.id, item.giver, item.receivers, item.message, coalesce(badge.value, item.value),
        item.private, item.given_at_ms, {BADGE_COLUMNS}
    from recognitions item left join badges badge on badge.id = item.badge_id
"""
"""Needs ``:viewer``, and ``:month`` for how much of an allowance they have used."""
Row = Sequence[Any]
LAST = 2**63 - 1
"""A sequence that no list has come to."""


def find_recognition(db: Connection, recognition_id: str, *, viewer: str, month: int) -> Recognition | None:
    """Return a recognition that the viewer sees."""
    asked = {"id": recognition_id, "viewer": viewer, "month": month}
    rows = db.execute(f"{RECOGNITION} where item.id = :id and {VISIBLE}", asked).fetchall()
    found = list(recognitions(db, rows))
    return found[0] if found else None


def find_badge(db: Connection, badge_id: str, *, viewer: str, month: int) -> Badge | None:
    """Return a badge, retired or not."""
    row = db.execute(
        f"select {BADGE_COLUMNS} from badges badge where badge.id = :id",
        {"id": badge_id, "viewer": viewer, "month": month},
    ).fetchone()
    return fill_badge(Badge(), row) if row else None


def recognition_page(
    db: Connection, rows: Sequence[Row], *, first: int, after: int | None, epoch: str
) -> RecognitionConnection:
    """Return the first of ``rows``, of which one more than asked for says that there is a next page."""
    page = RecognitionConnection()
    for row, recognition in zip(rows[:first], recognitions(db, rows[:first]), strict=True):
        page.edges.add(cursor=f"{epoch}:{row[0]}", node=recognition)
    _frame(page, has_next=len(rows) > first, after=after)
    return page


def badge_page(rows: Sequence[Row], *, first: int, after: int | None, epoch: str) -> BadgeConnection:
    """Return the first of ``rows``, each a sequence and a badge's columns."""
    page = BadgeConnection()
    for row in rows[:first]:
        fill_badge(page.edges.add(cursor=f"{epoch}:{row[0]}").node, row[1:])
    _frame(page, has_next=len(rows) > first, after=after)
    return page


def recognitions(db: Connection, rows: Iterable[Sequence[Any]]) -> Iterable[Recognition]:
    """Yield the recognition of each row; all their people are looked up at once."""
    named = [(row, orjson.loads(row[3])) for row in rows]
    parties = find_parties(db, {person for row, receivers in named for person in (row[2], *receivers)})
    for row, receivers in named:
        yield _recognition(row, receivers, parties)


def find_parties(db: Connection, people: Iterable[str]) -> Mapping[str, Party]:
    """Return those of ``people`` who are known here."""
    rows = db.execute(
        "select id, handle, name, region from people where id in (select value from json_each(?))",
        (orjson.dumps(list(people)).decode(),),
    )
    return {row[0]: Party(id=row[0], handle=row[1], name=row[2], region=row[3]) for row in rows}


def fill_badge(badge: Badge, row: Row) -> Badge:
    """Fill a badge from its columns."""
    badge.id, badge.name, badge.criteria, badge.kind, badge.value, badge.monthly_limit = row[:6]
    badge.awarder_ids.extend(orjson.loads(row[6]))
    badge.retired, badge.viewer_awarded = bool(row[7]), row[8]
    return badge


def _recognition(row: Row, receivers: Sequence[str], parties: Mapping[str, Party]) -> Recognition:
    recognition = Recognition(
        id=row[1],
        giver=parties.get(row[2], Party(id=row[2])),
        receivers=[parties[person] for person in receivers if person in parties],
        message=row[4],
        value=row[5],
        visibility=VISIBILITY_PRIVATE if row[6] else VISIBILITY_PUBLIC,
        given_at_ms=row[7],
    )
    if row[8] is not None:
        fill_badge(recognition.badge, row[8:])
    return recognition


def _frame(page: RecognitionConnection | BadgeConnection, *, has_next: bool, after: int | None) -> None:
    page.page_info.has_next_page = has_next
    page.page_info.has_previous_page = after is not None
    if page.edges:
        page.page_info.start_cursor, page.page_info.end_cursor = page.edges[0].cursor, page.edges[-1].cursor
