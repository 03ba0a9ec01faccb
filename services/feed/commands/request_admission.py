"""Ask for somebody to be let in, declined, removed, banned or unbanned, in the moderator's own register."""

from __future__ import annotations

from dataclasses import dataclass

from samverka.feed.v1.feed_events_pb2 import (
    MODERATION_ACTION_BAN,
    MODERATION_ACTION_DECLINE,
    MODERATION_ACTION_REMOVE,
    MODERATION_ACTION_UNBAN,
    ModerationAction,
    ModerationRequested,
)
from services.chassis.deciding import Decider, Intent, Outcome, WithReach
from services.chassis.store import Connection
from services.feed.domain.groups import (
    require_banned,
    require_group,
    require_join,
    require_may_send_away,
    require_moderator,
    require_somebody,
)
from services.feed.finding import is_person
from services.feed.joining import Join, find_join, is_banned
from services.feed.moderating import find_request
from services.feed.standing import Standing, find_seen, given_role


@dataclass(frozen=True, slots=True)
class RequestAdmission:
    """``action`` is one about a person; who has not been let in is declined where they would be removed."""

    intent: Intent
    request_id: str
    group_id: str
    person_id: str
    action: ModerationAction.ValueType
    reason: str


async def request_admission(command: RequestAdmission, *, decider: Decider) -> Outcome:
    """Write the request, as far as the group reaches; nothing happens if ``request_id`` has been there already."""
    actor = command.intent.actor

    def decide(db: Connection) -> WithReach | None:
        if find_request(db, command.request_id) is not None:
            return None
        group = require_group(find_seen(db, command.group_id, actor))
        require_moderator(group.role, field="group_id")
        join = find_join(db, command.group_id, command.person_id, group.reach)
        asked = ModerationRequested(
            request_id=command.request_id,
            group_id=command.group_id,
            action=_action(db, command, group, join),
            reason=command.reason,
            person_id=command.person_id,
            join_id=join.id if join else "",
        )
        return WithReach(asked, group.reach)

    return await decider.carry_out(command.intent, decide, owner=actor)


def _action(
    db: Connection, command: RequestAdmission, group: Standing, join: Join | None
) -> ModerationAction.ValueType:
    """Return what is asked for, if there is somebody for it to be about."""
    if command.action in (MODERATION_ACTION_REMOVE, MODERATION_ACTION_BAN):
        require_may_send_away(group.role, given_role(db, command.group_id, command.person_id, group.reach))
    if command.action == MODERATION_ACTION_BAN:
        require_somebody(is_person(db, command.person_id))
    elif command.action == MODERATION_ACTION_UNBAN:
        require_banned(is_banned(db, command.group_id, command.person_id, group.reach))
    else:
        lasting = require_join(join if join and not join.ended else None)
        if command.action == MODERATION_ACTION_REMOVE and not lasting.active:
            return MODERATION_ACTION_DECLINE
    return command.action
