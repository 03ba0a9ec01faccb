"""One person, by id or by handle, as a viewer sees them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from samverka.profile.v1.profile_views_pb2 import Person
from services.chassis.store import Connection
from services.profile.domain.working_hours import as_messages

_SELECT = """
    select id, handle, name, title, about, region, joined_at_ms, follower_count, following_count,
        exists (select 1 from follows where follower = ?1 and followed = people.id), manager_id, time_zone, working_hours
    from people
"""


def person_by_id(db: Connection, person_id: str, *, viewer: str) -> Person | None:
    """Return the person with this id."""
    return _person(db.execute(f"{_SELECT} where id = ?2", (viewer, person_id)).fetchone())


def person_by_handle(db: Connection, handle: str, *, region: str, viewer: str) -> Person | None:
    """Return the person who has this handle in ``region``."""
    return _person(db.execute(f"{_SELECT} where region = ?2 and handle = ?3", (viewer, region, handle)).fetchone())


def _person(row: Sequence[Any] | None) -> Person | None:
    if row is None:
        return None
    person = Person(
        id=row[0],
        handle=row[1],
        name=row[2],
        title=row[3],
        about=row[4],
        region=row[5],
        joined_at_ms=row[6],
        follower_count=row[7],
        following_count=row[8],
        viewer_follows=bool(row[9]),
        manager_id=row[10],
        time_zone=row[11],
    )
    person.working_hours.extend(as_messages(orjson.loads(row[12])))
    return person
