"""People as this service shows them, and who leads whom."""

from __future__ import annotations

from typing import Final

from samverka.profile.v1.profile_events_pb2 import PersonRegistered, ProfileEdited
from services.chassis.envelope import Fact
from services.chassis.projection import Handlers, Refused
from services.chassis.store import Connection


def apply_person_registered(db: Connection, fact: Fact[PersonRegistered]) -> None:
    person = fact.payload
    if person.person_id != fact.actor:
        raise Refused
    db.execute(
        "insert into people values (?, ?, ?, ?, '') on conflict do nothing",
        (person.person_id, person.handle, person.name, fact.origin),
    )


def apply_profile_edited(db: Connection, fact: Fact[ProfileEdited]) -> None:
    profile = fact.payload
    if profile.person_id != fact.actor or profile.manager_id == fact.actor:
        raise Refused
    db.execute(
        "update people set name = ?, manager_id = ? where id = ?", (profile.name, profile.manager_id, fact.actor)
    )


HANDLERS: Final[Handlers] = {PersonRegistered: apply_person_registered, ProfileEdited: apply_profile_edited}
