"""What commands look up before they decide: people, the terms of a badge, and what was given."""

from __future__ import annotations

from collections.abc import Collection
from typing import cast

import orjson

from samverka.recognition.v1.recognition_events_pb2 import BadgeKind
from services.chassis.errors import NotFound
from services.chassis.store import Connection, one_row
from services.recognition.domain.badges import Terms
from services.recognition.seeing import VISIBLE


def require_people(db: Connection, giver: str, others: Collection[str], *, field: str) -> None:
    """Raise NotFound unless the giver and all others are known here."""
    if _known(db, [giver]) != 1:
        raise NotFound("Sign in first.", code="person_not_found")
    if _known(db, others) != len(others):
        raise NotFound("There is no such person.", code="person_not_found", field=field)


def find_terms(db: Connection, badge_id: str) -> Terms | None:
    """Return what a badge says of who may award it."""
    row = db.execute("select kind, monthly_limit, awarders, retired from badges where id = ?", (badge_id,)).fetchone()
    if row is None:
        return None
    kind, monthly_limit, awarders, retired = row
    return Terms(
        badge_id=badge_id,
        kind=cast("BadgeKind.ValueType", kind),
        monthly_limit=int(str(monthly_limit)),
        awarder_ids=orjson.loads(str(awarders)),
        retired=bool(retired),
    )


def awarded(db: Connection, giver: str, badge_id: str, month: int) -> int:
    """Return how often a giver has awarded a badge in a month, what was withdrawn since included."""
    count = "select count(*) from recognitions where giver = ? and badge_id = ? and month = ?"
    return int(one_row(db, count, (giver, badge_id, month))[0])


def was_given(db: Connection, recognition_id: str) -> bool:
    """Whether this was ever given, withdrawn since or not."""
    return db.execute("select 1 from recognitions where id = ?", (recognition_id,)).fetchone() is not None


def giver_of(db: Connection, recognition_id: str, viewer: str) -> str | None:
    """Return who gave something that the viewer sees."""
    row = db.execute(
        f"select giver from recognitions item where id = :id and {VISIBLE}", {"id": recognition_id, "viewer": viewer}
    ).fetchone()
    return str(row[0]) if row else None


def _known(db: Connection, people: Collection[str]) -> int:
    listed = orjson.dumps(list(people)).decode()
    return int(one_row(db, "select count(*) from people where id in (select value from json_each(?))", (listed,))[0])
