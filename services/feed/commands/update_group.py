"""Say anew what one's group is called and what it is about."""

from __future__ import annotations

from dataclasses import dataclass

from samverka.feed.v1.feed_events_pb2 import GroupUpdated
from services.chassis.deciding import Decider, Intent, Outcome, WithReach
from services.chassis.store import Connection
from services.feed.domain.groups import require_group, require_owner
from services.feed.finding import find_group_texts
from services.feed.standing import find_seen


@dataclass(frozen=True, slots=True)
class UpdateGroup:
    """None: as it is."""

    intent: Intent
    group_id: str
    name: str | None
    about: str | None


async def update_group(command: UpdateGroup, *, decider: Decider) -> Outcome:
    """Update the group; nothing happens if it is so already. A group's owner lives where it has its home."""
    actor = command.intent.actor

    def decide(db: Connection) -> WithReach | None:
        group = require_group(find_seen(db, command.group_id, actor))
        require_owner(group.role)
        texts = find_group_texts(db, command.group_id, group.reach)
        name, about = (
            old if new is None else new for old, new in zip(texts, (command.name, command.about), strict=True)
        )
        if (name, about) == texts:
            return None
        return WithReach(GroupUpdated(group_id=command.group_id, name=name, about=about), group.reach)

    return await decider.carry_out(command.intent, decide, owner=command.group_id)
