"""Reactions: a register for each person, target and emoji, and the counts that follow from them."""

from __future__ import annotations

from typing import Final

from samverka.feed.v1.feed_events_pb2 import Reacted, Unreacted
from services.chassis.envelope import Fact
from services.chassis.projection import Handlers
from services.chassis.store import Connection
from services.feed.projections.counting import change_reaction_count


def apply_reacted(db: Connection, fact: Fact[Reacted]) -> None:
    target_id, emoji = fact.payload.target_id, fact.payload.emoji
    db.execute(
        "insert into reactions values (?, ?, ?, ?) on conflict do nothing", (target_id, fact.local, fact.actor, emoji)
    )
    if db.changes():
        change_reaction_count(db, target_id, emoji, 1, local=fact.local)


def apply_unreacted(db: Connection, fact: Fact[Unreacted]) -> None:
    target_id, emoji = fact.payload.target_id, fact.payload.emoji
    db.execute(
        "delete from reactions where target_id = ? and local = ? and person = ? and emoji = ?",
        (target_id, fact.local, fact.actor, emoji),
    )
    if db.changes():
        change_reaction_count(db, target_id, emoji, -1, local=fact.local)


HANDLERS: Final[Handlers] = {Reacted: apply_reacted, Unreacted: apply_unreacted}
