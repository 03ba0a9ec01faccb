"""The request that a decision of a group's home settles: each is settled once."""

from __future__ import annotations

from typing import Any

from services.chassis.envelope import Fact
from services.chassis.projection import Refused
from services.chassis.store import Connection


def settle_request(db: Connection, fact: Fact[Any]) -> None:
    """Write down that a request was decided on; another decision on it is refused."""
    group_id, request_id = fact.payload.group_id, fact.payload.request_id
    if group_id != fact.owner:
        raise Refused
    db.execute("insert into decisions values (?, ?, ?) on conflict do nothing", (group_id, fact.local, request_id))
    if not db.changes():
        raise Refused
