"""Leave a group."""

from __future__ import annotations

from dataclasses import dataclass

from samverka.feed.v1.feed_events_pb2 import MemberLeft
from services.chassis.deciding import Decider, Intent, Outcome, WithReach
from services.chassis.store import Connection
from services.feed.domain.groups import require_group, require_may_leave
from services.feed.joining import find_join
from services.feed.standing import find_seen, find_standing


@dataclass(frozen=True, slots=True)
class LeaveGroup:
    intent: Intent
    group_id: str


async def leave_group(command: LeaveGroup, *, decider: Decider) -> Outcome:
    """Make the actor a member no longer, or take their request back; what they posted stays."""
    actor = command.intent.actor

    def decide(db: Connection) -> WithReach | None:
        group = require_group(find_standing(db, command.group_id, actor))
        require_may_leave(group.role)
        if find_join(db, command.group_id, actor, group.reach) is None:
            require_group(find_seen(db, command.group_id, actor))
            return None
        return WithReach(MemberLeft(group_id=command.group_id), group.reach)

    return await decider.carry_out(command.intent, decide, owner=actor)
