"""What commands look up before they decide: whether somebody is known, and what their profile holds."""

from __future__ import annotations

import orjson

from services.chassis.store import Connection
from services.profile.domain.profiles import Profile


def is_person(db: Connection, person_id: str) -> bool:
    """Whether this person is known here."""
    return db.execute("select 1 from people where id = ?", (person_id,)).fetchone() is not None


def find_profile(db: Connection, person_id: str) -> Profile | None:
    """Return the profile of a person who is known."""
    row = db.execute(
        "select name, title, about, manager_id, time_zone, working_hours from people where id = ?", (person_id,)
    ).fetchone()
    if row is None:
        return None
    name, title, about, manager_id, time_zone, working_hours = row
    week = [tuple(span) for span in orjson.loads(working_hours)]
    return Profile(name, title, about, manager_id, time_zone, week)
