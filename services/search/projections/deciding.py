"""What all decisions of a group's home have in common: who may make them, and the request that they settle.

A decision is judged by what the group's own register said before it, and by nothing else; so every region agrees.
"""

from __future__ import annotations

from typing import Any

from samverka.feed.v1.feed_events_pb2 import GROUP_ROLE_MODERATOR
from services.chassis.envelope import Fact
from services.chassis.projection import Refused
from services.chassis.store import Connection


def owner_of(db: Connection, group_id: str, *, local: bool) -> str | None:
    """Return who founded the group; None if it is not here."""
    row = db.execute("select owner from groups where id = ? and local = ?", (group_id, local)).fetchone()
    return str(row[0]) if row else None


def may_moderate(db: Connection, group_id: str, person: str, *, local: bool) -> bool:
    """Whether the group's own register lets this person moderate."""
    find = "select 1 from roles where group_id = ? and local = ? and person = ? and role = ?"
    if owner_of(db, group_id, local=local) == person:
        return True
    return db.execute(find, (group_id, local, person, GROUP_ROLE_MODERATOR)).fetchone() is not None


def require_moderator(db: Connection, fact: Fact[Any]) -> None:
    """Refuse a decision that is not in its group's register, or by whom that lets moderate."""
    group_id = fact.payload.group_id
    if group_id != fact.owner or not may_moderate(db, group_id, fact.actor, local=fact.local):
        raise Refused


def settle_request(db: Connection, fact: Fact[Any]) -> None:
    """Write down that a request was decided on; another decision on it is refused."""
    group_id, request_id = fact.payload.group_id, fact.payload.request_id
    if group_id != fact.owner:
        raise Refused
    db.execute("insert into decisions values (?, ?, ?) on conflict do nothing", (group_id, fact.local, request_id))
    if not db.changes():
        raise Refused
