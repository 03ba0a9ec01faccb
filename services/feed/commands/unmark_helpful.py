"""Take back that a post or a comment has helped."""

from __future__ import annotations

from dataclasses import dataclass

from samverka.feed.v1.feed_events_pb2 import UnmarkedHelpful
from services.chassis.deciding import Decider, Intent, Outcome, WithReach
from services.chassis.store import Connection
from services.feed.domain.rules import require_target
from services.feed.finding import find_target, has_helped


@dataclass(frozen=True, slots=True)
class UnmarkHelpful:
    intent: Intent
    target_id: str


async def unmark_helpful(command: UnmarkHelpful, *, decider: Decider) -> Outcome:
    """Take the vote back; nothing happens if the actor has none there."""
    actor, target_id = command.intent.actor, command.target_id

    def decide(db: Connection) -> WithReach | None:
        target = require_target(find_target(db, target_id, actor))
        if not has_helped(db, target_id, actor, target.reach):
            return None
        return WithReach(UnmarkedHelpful(target_id=target_id), target.reach)

    return await decider.carry_out(command.intent, decide, owner=actor)
