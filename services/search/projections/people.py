"""People as they are found."""

from __future__ import annotations

from typing import Final

from samverka.profile.v1.profile_events_pb2 import PersonRegistered, ProfileEdited
from samverka.search.v1.search_views_pb2 import HIT_KIND_PERSON
from services.chassis.envelope import Fact
from services.chassis.projection import Handlers, Refused
from services.chassis.store import Connection
from services.search.projections.writing import Document, add_document


def apply_person_registered(db: Connection, fact: Fact[PersonRegistered]) -> None:
    person = fact.payload
    if person.person_id != fact.actor:
        raise Refused
    text = _text(person.title, person.about)
    document = Document(HIT_KIND_PERSON, person.person_id, title=person.name, body=text, called=person.handle)
    add_document(db, fact, document)


def apply_profile_edited(db: Connection, fact: Fact[ProfileEdited]) -> None:
    profile = fact.payload
    if profile.person_id != fact.actor:
        raise Refused
    db.execute(
        "update documents set title = ?, body = ?, changed = ? where id = ? and kind = ?",
        (profile.name, _text(profile.title, profile.about), fact.sequence, profile.person_id, HIT_KIND_PERSON),
    )


def _text(title: str, about: str) -> str:
    """Return what a person says of themselves: what they do, and the rest."""
    return "\n\n".join(filter(None, (title, about)))


HANDLERS: Final[Handlers] = {PersonRegistered: apply_person_registered, ProfileEdited: apply_profile_edited}
