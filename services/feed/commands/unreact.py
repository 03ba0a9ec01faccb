"""Take a reaction back."""

from __future__ import annotations

from dataclasses import dataclass

from samverka.feed.v1.feed_events_pb2 import Unreacted
from services.chassis.deciding import Decider, Intent, Outcome
from services.chassis.store import Connection
from services.feed.domain.rules import require_target
from services.feed.finding import emoji_of, is_shown


@dataclass(frozen=True, slots=True)
class Unreact:
    intent: Intent
    target_id: str
    emoji: str


async def unreact(command: Unreact, *, decider: Decider) -> Outcome:
    """Take the emoji away; nothing happens if the actor's does not stand there."""
    actor, target_id = command.intent.actor, command.target_id

    def decide(db: Connection) -> Unreacted | None:
        require_target(is_shown(db, target_id))
        if command.emoji not in emoji_of(db, target_id, actor):
            return None
        return Unreacted(target_id=target_id, emoji=command.emoji)

    return await decider.carry_out(command.intent, decide, owner=actor)
