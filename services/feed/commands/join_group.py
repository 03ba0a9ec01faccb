"""Join a group."""

from __future__ import annotations

from dataclasses import dataclass

from samverka.feed.v1.feed_events_pb2 import MemberJoined
from services.chassis.deciding import Decider, Intent, Outcome, WithReach
from services.chassis.store import Connection
from services.feed.domain.groups import require_group, require_room, require_welcome
from services.feed.domain.rules import require_person
from services.feed.finding import is_person
from services.feed.joining import count_joined, is_banned
from services.feed.standing import find_seen


@dataclass(frozen=True, slots=True)
class JoinGroup:
    intent: Intent
    group_id: str


async def join_group(command: JoinGroup, *, decider: Decider) -> Outcome:
    """Make the actor a member; nothing happens if they are one."""
    actor = command.intent.actor

    def decide(db: Connection) -> WithReach | None:
        require_person(is_person(db, actor))
        group = require_group(find_seen(db, command.group_id, actor))
        if group.is_member:
            return None
        require_welcome(is_banned(db, command.group_id, actor, group.reach))
        require_room(count_joined(db, actor))
        return WithReach(MemberJoined(group_id=command.group_id), group.reach)

    return await decider.carry_out(command.intent, decide, owner=actor)
