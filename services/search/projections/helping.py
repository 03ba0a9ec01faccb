"""Votes: a register for each person and target of whether it has helped them, and since when. The rules are the feed's."""

from __future__ import annotations

from typing import Final

from samverka.feed.v1.feed_events_pb2 import MarkedHelpful, UnmarkedHelpful
from services.chassis.envelope import Fact
from services.chassis.projection import Handlers
from services.chassis.store import Connection


def apply_marked_helpful(db: Connection, fact: Fact[MarkedHelpful]) -> None:
    db.execute(
        "insert into helpful values (?, ?, ?, ?) on conflict do nothing",
        (fact.payload.target_id, fact.local, fact.actor, fact.at_ms),
    )


def apply_unmarked_helpful(db: Connection, fact: Fact[UnmarkedHelpful]) -> None:
    db.execute(
        "delete from helpful where target_id = ? and local = ? and person = ?",
        (fact.payload.target_id, fact.local, fact.actor),
    )


HANDLERS: Final[Handlers] = {MarkedHelpful: apply_marked_helpful, UnmarkedHelpful: apply_unmarked_helpful}
