"""Say that a post or a comment has helped."""

from __future__ import annotations

from dataclasses import dataclass

from samverka.feed.v1.feed_events_pb2 import MarkedHelpful
from services.chassis.deciding import Decider, Intent, Outcome, WithReach
from services.chassis.store import Connection
from services.feed.domain.questions import require_of_others
from services.feed.domain.rules import require_person, require_target
from services.feed.finding import find_target, has_helped, is_person


@dataclass(frozen=True, slots=True)
class MarkHelpful:
    intent: Intent
    target_id: str


async def mark_helpful(command: MarkHelpful, *, decider: Decider) -> Outcome:
    """Vote for it; nothing happens if the actor has."""
    actor, target_id = command.intent.actor, command.target_id

    def decide(db: Connection) -> WithReach | None:
        require_person(is_person(db, actor))
        target = require_target(find_target(db, target_id, actor))
        require_of_others(actor, target.author)
        if has_helped(db, target_id, actor, target.reach):
            return None
        return WithReach(MarkedHelpful(target_id=target_id), target.reach)

    return await decider.carry_out(command.intent, decide, owner=actor)
