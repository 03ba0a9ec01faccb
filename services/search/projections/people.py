"""People as they are found, and when they work. The rules are those of the profile service."""

from __future__ import annotations

from typing import Final

import orjson

from samverka.profile.v1.profile_events_pb2 import PersonRegistered, ProfileEdited
from samverka.search.v1.search_views_pb2 import HIT_KIND_PERSON
from services.chassis.envelope import Fact
from services.chassis.projection import Handlers, Refused
from services.chassis.store import Connection
from services.chassis.working_week import is_week, spans
from services.search.projections.praising import settle_praises_of
from services.search.projections.writing import Document, add_document


def apply_person_registered(db: Connection, fact: Fact[PersonRegistered]) -> None:
    person = fact.payload
    if person.person_id != fact.actor:
        raise Refused
    text = _text(person.title, person.about)
    document = Document(HIT_KIND_PERSON, person.person_id, title=person.name, body=text, called=person.handle)
    add_document(db, fact, document)
    db.execute("insert into people values (?, '', '[]')", (person.person_id,))
    settle_praises_of(db, person.person_id, now=fact.sequence)


def apply_profile_edited(db: Connection, fact: Fact[ProfileEdited]) -> None:
    profile = fact.payload
    week = spans(profile.working_hours)
    if fact.actor != profile.person_id or fact.actor == profile.manager_id or not is_week(week):
        raise Refused
    db.execute(
        "update documents set title = ?, body = ?, changed = ? where id = ? and kind = ?",
        (profile.name, _text(profile.title, profile.about), fact.sequence, profile.person_id, HIT_KIND_PERSON),
    )
    db.execute(
        "update people set time_zone = ?, working_hours = ? where id = ?",
        (profile.time_zone, orjson.dumps(week).decode(), profile.person_id),
    )


def _text(title: str, about: str) -> str:
    """Return what a person says of themselves: what they do, and the rest."""
    return "\n\n".join(filter(None, (title, about)))


HANDLERS: Final[Handlers] = {PersonRegistered: apply_person_registered, ProfileEdited: apply_profile_edited}
