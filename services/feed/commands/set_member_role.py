"""Give a member of one's group a role, or take one back, also of who has left: it would be theirs again."""

from __future__ import annotations

from dataclasses import dataclass

from samverka.feed.v1.feed_events_pb2 import GROUP_ROLE_MEMBER, GROUP_ROLE_MODERATOR, GroupRole, MemberRoleSet
from services.chassis.deciding import Decider, Intent, Outcome, WithReach
from services.chassis.store import Connection
from services.feed.domain.groups import require_group, require_other_member, require_owner
from services.feed.standing import Standing, find_seen, find_standing, given_role


@dataclass(frozen=True, slots=True)
class SetMemberRole:
    intent: Intent
    group_id: str
    person_id: str
    role: GroupRole.ValueType


async def set_member_role(command: SetMemberRole, *, decider: Decider) -> Outcome:
    """Give the role; nothing happens if it is theirs. A group's owner lives where it has its home, so this is there."""
    actor = command.intent.actor

    def decide(db: Connection) -> WithReach | None:
        group = require_group(find_seen(db, command.group_id, actor))
        require_owner(group.role)
        if not _takes_back(db, command, group):
            member = find_standing(db, command.group_id, command.person_id)
            require_other_member(member.role if member else None)
            if member is not None and member.role == command.role:
                return None
        given = MemberRoleSet(group_id=command.group_id, person_id=command.person_id, role=command.role)
        return WithReach(given, group.reach)

    return await decider.carry_out(command.intent, decide, owner=command.group_id)


def _takes_back(db: Connection, command: SetMemberRole, group: Standing) -> bool:
    given = given_role(db, command.group_id, command.person_id, group.reach)
    return (command.role, given) == (GROUP_ROLE_MEMBER, GROUP_ROLE_MODERATOR)
