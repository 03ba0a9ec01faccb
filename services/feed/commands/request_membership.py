"""Ask a private group to be let in."""

from __future__ import annotations

from dataclasses import dataclass

from samverka.feed.v1.feed_events_pb2 import MembershipRequested
from services.chassis.deciding import Decider, Intent, Outcome, WithReach
from services.chassis.store import Connection
from services.feed.domain.groups import require_group, require_private, require_room
from services.feed.domain.rules import require_person
from services.feed.finding import is_person
from services.feed.joining import count_joined, find_join
from services.feed.standing import find_standing


@dataclass(frozen=True, slots=True)
class RequestMembership:
    intent: Intent
    group_id: str


async def request_membership(command: RequestMembership, *, decider: Decider) -> Outcome:
    """Ask; nothing happens if the actor is a member, or has asked and has had no answer."""
    actor = command.intent.actor

    def decide(db: Connection) -> WithReach | None:
        require_person(is_person(db, actor))
        group = require_group(find_standing(db, command.group_id, actor))
        require_private(group.private)
        join = find_join(db, command.group_id, actor, group.reach)
        if join is not None and not (join.declined or join.ended):
            return None
        require_room(count_joined(db, actor))
        return WithReach(MembershipRequested(group_id=command.group_id), group.reach)

    return await decider.carry_out(command.intent, decide, owner=actor)
