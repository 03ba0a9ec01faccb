"""Create a group; who does owns it."""

from __future__ import annotations

from dataclasses import dataclass

from samverka.feed.v1.feed_events_pb2 import GroupCreated, GroupVisibility
from services.chassis.deciding import Decider, Intent, Outcome, WithReach
from services.chassis.eventlog.subjects import Reach
from services.chassis.store import Connection
from services.feed.domain.groups import require_room
from services.feed.domain.rules import require_person
from services.feed.finding import is_person
from services.feed.joining import count_joined
from services.feed.standing import find_standing


@dataclass(frozen=True, slots=True)
class CreateGroup:
    intent: Intent
    group_id: str
    name: str
    about: str
    reach: Reach
    visibility: GroupVisibility.ValueType


async def create_group(command: CreateGroup, *, decider: Decider) -> Outcome:
    """Create the group at home here; nothing happens if ``group_id`` has been there already."""
    actor = command.intent.actor

    def decide(db: Connection) -> WithReach | None:
        require_person(is_person(db, actor))
        if find_standing(db, command.group_id, actor) is not None:
            return None
        # Of many that are made at once a few may be beyond the bound: each group is a register of its own.
        require_room(count_joined(db, actor))
        created = GroupCreated(
            group_id=command.group_id, name=command.name, about=command.about, visibility=command.visibility
        )
        return WithReach(created, command.reach)

    return await decider.carry_out(command.intent, decide, owner=command.group_id)
