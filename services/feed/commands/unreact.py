"""Take a reaction back."""

from __future__ import annotations

from dataclasses import dataclass

from samverka.feed.v1.feed_events_pb2 import Unreacted
from services.chassis.deciding import Decider, Intent, Outcome, WithReach
from services.chassis.store import Connection
from services.feed.domain.rules import require_target
from services.feed.finding import emoji_of, find_target


@dataclass(frozen=True, slots=True)
class Unreact:
    intent: Intent
    target_id: str
    emoji: str


async def unreact(command: Unreact, *, decider: Decider) -> Outcome:
    """Take the emoji away; nothing happens if the actor's does not stand there."""
    actor, target_id = command.intent.actor, command.target_id

    def decide(db: Connection) -> WithReach | None:
        target = require_target(find_target(db, target_id, actor))
        if command.emoji not in emoji_of(db, target_id, actor, target.reach):
            return None
        return WithReach(Unreacted(target_id=target_id, emoji=command.emoji), target.reach)

    return await decider.carry_out(command.intent, decide, owner=actor)
