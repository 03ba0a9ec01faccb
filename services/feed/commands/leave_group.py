"""Leave a group."""

from __future__ import annotations

from dataclasses import dataclass

from samverka.feed.v1.feed_events_pb2 import GROUP_ROLE_UNSPECIFIED, MemberLeft
from services.chassis.deciding import Decider, Intent, Outcome, WithReach
from services.chassis.store import Connection
from services.feed.domain.groups import require_group, require_may_leave
from services.feed.standing import find_standing


@dataclass(frozen=True, slots=True)
class LeaveGroup:
    intent: Intent
    group_id: str


async def leave_group(command: LeaveGroup, *, decider: Decider) -> Outcome:
    """Make the actor a member no longer; what they posted stays. Nothing happens if they are none."""
    actor = command.intent.actor

    def decide(db: Connection) -> WithReach | None:
        group = require_group(find_standing(db, command.group_id, actor))
        require_may_leave(group.role)
        if group.role == GROUP_ROLE_UNSPECIFIED:
            return None
        return WithReach(MemberLeft(group_id=command.group_id), group.reach)

    return await decider.carry_out(command.intent, decide, owner=actor)
