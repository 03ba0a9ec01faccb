"""The request that a decision of a group's home settles: each is settled once."""

from __future__ import annotations

from typing import Any

from services.chassis.envelope import Fact
from services.chassis.projection import Refused
from services.chassis.store import Connection


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
