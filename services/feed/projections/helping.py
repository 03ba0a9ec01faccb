"""Votes: a register for each person and target of whether it has helped them, and the counts that follow from them.

No command votes for what its actor wrote, but a region that lies can. Such a vote stands in its register, as it may come
before what it is for, and counts for nothing.
"""

from __future__ import annotations

from typing import Final

from samverka.feed.v1.feed_events_pb2 import MarkedHelpful, UnmarkedHelpful
from services.chassis.envelope import Fact
from services.chassis.projection import Handlers
from services.chassis.store import Connection
from services.feed.projections.counting import change_helpful_count


def apply_marked_helpful(db: Connection, fact: Fact[MarkedHelpful]) -> None:
    target_id = fact.payload.target_id
    db.execute("insert into helpful values (?, ?, ?) on conflict do nothing", (target_id, fact.local, fact.actor))
    if db.changes():
        change_helpful_count(db, target_id, fact.actor, 1, local=fact.local)


def apply_unmarked_helpful(db: Connection, fact: Fact[UnmarkedHelpful]) -> None:
    target_id = fact.payload.target_id
    db.execute(
        "delete from helpful where target_id = ? and local = ? and person = ?", (target_id, fact.local, fact.actor)
    )
    if db.changes():
        change_helpful_count(db, target_id, fact.actor, -1, local=fact.local)


HANDLERS: Final[Handlers] = {MarkedHelpful: apply_marked_helpful, UnmarkedHelpful: apply_unmarked_helpful}
