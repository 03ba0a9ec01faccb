"""What all decisions of a group's home have in common: who may make them, and the request that they settle.

A decision is judged by what the group's own register said before it, and by nothing else; so every region agrees.
"""

from __future__ import annotations

from typing import Any

from services.chassis.envelope import Fact
from services.chassis.projection import Refused
from services.chassis.store import Connection
from services.feed.projections.membership import may_moderate


def require_moderator(db: Connection, fact: Fact[Any]) -> None:
    """Refuse a decision that is not in its group's register, or by whom that lets moderate."""
    group_id = fact.payload.group_id
    if group_id != fact.owner or not may_moderate(db, group_id, fact.actor, local=fact.local):
        raise Refused


def settle_request(db: Connection, fact: Fact[Any], *, declined_reason: str = "") -> None:
    """Write down what became of a request; a request has one outcome, and another is refused."""
    group_id, request_id = fact.payload.group_id, fact.payload.request_id
    if group_id != fact.owner:
        raise Refused
    db.execute(
        "insert into moderation_outcomes values (?, ?, ?, ?) on conflict do nothing",
        (group_id, fact.local, request_id, declined_reason),
    )
    if not db.changes():
        raise Refused
    db.execute(
        "update moderation_requests set decided = 1 where id = ? and local = ? and group_id = ?",
        (request_id, fact.local, group_id),
    )
