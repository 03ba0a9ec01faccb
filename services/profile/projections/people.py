"""People, from their registration and their edits."""

from __future__ import annotations

from typing import Final

import orjson

from samverka.profile.v1.profile_events_pb2 import PersonRegistered, ProfileEdited
from services.chassis.envelope import Fact
from services.chassis.projection import Handlers, Refused
from services.chassis.store import Connection
from services.chassis.working_week import is_week, spans


def apply_person_registered(db: Connection, fact: Fact[PersonRegistered]) -> None:
    person = fact.payload
    if person.person_id != fact.actor:
        raise Refused
    db.execute(
        """
        insert into people values (?1, ?2, ?3, ?4, ?5, ?6, '', '', '[]', ?7,
            (select count(*) from follows where followed = ?1), (select count(*) from follows where follower = ?1))
        on conflict do nothing
        """,
        (person.person_id, person.handle, fact.origin, person.name, person.title, person.about, fact.at_ms),
    )


def apply_profile_edited(db: Connection, fact: Fact[ProfileEdited]) -> None:
    """Keep the whole profile. The time zone is kept by its name: regions may know different ones."""
    profile = fact.payload
    week = spans(profile.working_hours)
    if fact.actor != profile.person_id or fact.actor == profile.manager_id or not is_week(week):
        raise Refused
    db.execute(
        """
        update people set name = ?, title = ?, about = ?, manager_id = ?, time_zone = ?, working_hours = ? where id = ?
        """,
        (
            profile.name,
            profile.title,
            profile.about,
            profile.manager_id,
            profile.time_zone,
            orjson.dumps(week).decode(),
            profile.person_id,
        ),
    )


HANDLERS: Final[Handlers] = {PersonRegistered: apply_person_registered, ProfileEdited: apply_profile_edited}
