"""People as the feed shows them, and whose posts each of them reads."""

from __future__ import annotations

from typing import Final

from google.protobuf.message import Message

from samverka.profile.v1.profile_events_pb2 import PersonFollowed, PersonRegistered, PersonUnfollowed, ProfileEdited
from services.chassis.envelope import Fact
from services.chassis.projection import Handlers, Refused
from services.chassis.store import Connection
from services.feed.projections.praising import settle_praises_of


def apply_person_registered(db: Connection, fact: Fact[PersonRegistered]) -> None:
    person = fact.payload
    _require_own(fact, person.person_id)
    db.execute(
        "insert into people values (?, ?, ?, ?) on conflict do nothing",
        (person.person_id, person.handle, person.name, fact.origin),
    )
    _read(db, person.person_id, person.person_id)
    settle_praises_of(db, person.person_id)


def apply_profile_edited(db: Connection, fact: Fact[ProfileEdited]) -> None:
    _require_own(fact, fact.payload.person_id)
    db.execute("update people set name = ? where id = ?", (fact.payload.name, fact.actor))


def apply_person_followed(db: Connection, fact: Fact[PersonFollowed]) -> None:
    _require_own(fact, fact.payload.person_id)
    _read(db, fact.actor, fact.payload.followed_id)


def apply_person_unfollowed(db: Connection, fact: Fact[PersonUnfollowed]) -> None:
    _require_own(fact, fact.payload.person_id)
    if fact.payload.followed_id != fact.actor:
        db.execute("delete from home_sources where reader = ? and author = ?", (fact.actor, fact.payload.followed_id))


def _require_own(fact: Fact[Message], person_id: str) -> None:
    if person_id != fact.actor:
        raise Refused


def _read(db: Connection, reader: str, author: str) -> None:
    db.execute("insert into home_sources values (?, ?) on conflict do nothing", (reader, author))


HANDLERS: Final[Handlers] = {
    PersonRegistered: apply_person_registered,
    ProfileEdited: apply_profile_edited,
    PersonFollowed: apply_person_followed,
    PersonUnfollowed: apply_person_unfollowed,
}
