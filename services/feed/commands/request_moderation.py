"""Ask for content of a group to be hidden or restored, in the moderator's own register."""

from __future__ import annotations

from dataclasses import dataclass

from samverka.feed.v1.feed_events_pb2 import ModerationAction, ModerationRequested
from services.chassis.deciding import Decider, Intent, Outcome, WithReach
from services.chassis.store import Connection
from services.feed.domain.groups import require_content, require_group, require_moderator
from services.feed.finding import find_moderated
from services.feed.moderating import find_request
from services.feed.standing import find_seen


@dataclass(frozen=True, slots=True)
class RequestModeration:
    intent: Intent
    request_id: str
    content_id: str
    action: ModerationAction.ValueType
    reason: str


async def request_moderation(command: RequestModeration, *, decider: Decider) -> Outcome:
    """Write the request, as far as the content reaches; nothing happens if ``request_id`` has been there already."""
    actor = command.intent.actor

    def decide(db: Connection) -> WithReach | None:
        if find_request(db, command.request_id) is not None:
            return None
        content = require_content(find_moderated(db, command.content_id, actor))
        require_moderator(require_group(find_seen(db, content.group_id, actor)).role, field="content_id")
        asked = ModerationRequested(
            request_id=command.request_id,
            group_id=content.group_id,
            content_id=command.content_id,
            action=command.action,
            reason=command.reason,
        )
        return WithReach(asked, content.reach)

    return await decider.carry_out(command.intent, decide, owner=actor)
