"""What a person was recognised for between two dates: the totals, and the evidence for every number of them."""

from __future__ import annotations

from typing import Any

from samverka.recognition.v1.recognition_views_pb2 import ReviewStatement
from services.chassis.paging import PageRequest
from services.chassis.store import Connection, one_row
from services.recognition.domain.statements import Period
from services.recognition.views import BADGE_COLUMNS, LAST, RECOGNITION, fill_badge, find_parties, recognition_page

_OF_PERIOD = """
    item.sequence in (select sequence from receivers where person = :person)
        and item.counts = 1 and item.given_at_ms >= :from_ms and item.given_at_ms < :to_ms
"""
_TOTAL = f"select count(*), count(*) - count(item.badge_id) from recognitions item where {_OF_PERIOD}"
_BY_BADGE = f"""
    select {BADGE_COLUMNS}, given.count from badges badge join (
        select item.badge_id, count(*) as count from recognitions item where {_OF_PERIOD} group by item.badge_id
    ) given on given.badge_id = badge.id
    order by given.count desc, badge.id
"""
_BY_VALUE = f"""
    select coalesce(badge.value, item.value) as shown, count(*) from recognitions item
    left join badges badge on badge.id = item.badge_id
    where {_OF_PERIOD} and shown != '' group by shown order by count(*) desc, shown
"""
_EVIDENCE = f"""
    {RECOGNITION} where {_OF_PERIOD} and item.sequence < :before order by item.sequence desc limit :most
"""


def manager_of(db: Connection, person_id: str) -> str | None:
    """Return who leads a person, empty if nobody does; None if they are not known here."""
    row = db.execute("select manager_id from people where id = ?", (person_id,)).fetchone()
    return str(row[0]) if row else None


def get_review_statement(
    db: Connection, person_id: str, period: Period, page: PageRequest, *, viewer: str, month: int, epoch: str
) -> ReviewStatement:
    """Return the statement about somebody who is known here, public and private; who asks may see all of it."""
    asked: dict[str, Any] = {"person": person_id, "from_ms": period.from_ms, "to_ms": period.to_ms}
    seen = {**asked, "viewer": viewer, "month": month}
    statement = ReviewStatement(
        person=find_parties(db, [person_id])[person_id], from_ms=period.from_ms, to_ms=period.to_ms
    )
    statement.total, statement.thanks = one_row(db, _TOTAL, asked)
    for *badge, count in db.execute(_BY_BADGE, seen):
        fill_badge(statement.badges.add(count=int(str(count))).badge, badge)
    for value, count in db.execute(_BY_VALUE, asked):
        statement.values.add(value=str(value), count=int(str(count)))
    before = LAST if page.after is None else page.after
    rows = db.execute(_EVIDENCE, {**seen, "before": before, "most": page.first + 1}).fetchall()
    statement.evidence.CopyFrom(recognition_page(db, rows, first=page.first, after=page.after, epoch=epoch))
    return statement
