"""React to a post or a comment with an emoji."""

from __future__ import annotations

from dataclasses import dataclass

from samverka.feed.v1.feed_events_pb2 import Reacted
from services.chassis.deciding import Decider, Intent, Outcome, WithReach
from services.chassis.store import Connection
from services.feed.domain.rules import require_person, require_room_for_emoji, require_target
from services.feed.finding import emoji_of, find_target, is_person


@dataclass(frozen=True, slots=True)
class React:
    intent: Intent
    target_id: str
    emoji: str


async def react(command: React, *, decider: Decider) -> Outcome:
    """Put the emoji there; nothing happens if the actor's stands there already."""
    actor, target_id = command.intent.actor, command.target_id

    def decide(db: Connection) -> WithReach | None:
        require_person(is_person(db, actor))
        target = require_target(find_target(db, target_id, actor))
        mine = emoji_of(db, target_id, actor, target.reach)
        if command.emoji in mine:
            return None
        require_room_for_emoji(len(mine))
        return WithReach(Reacted(target_id=target_id, emoji=command.emoji), target.reach)

    return await decider.carry_out(command.intent, decide, owner=actor)
