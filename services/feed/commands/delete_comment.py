"""Delete a comment of one's own, for good."""

from __future__ import annotations

from dataclasses import dataclass

from samverka.feed.v1.feed_events_pb2 import CommentDeleted
from services.chassis.deciding import Decider, Intent, Outcome, WithReach
from services.chassis.store import Connection
from services.feed.domain.rules import require_author, require_comment
from services.feed.finding import find_own_comment


@dataclass(frozen=True, slots=True)
class DeleteComment:
    intent: Intent
    comment_id: str


async def delete_comment(command: DeleteComment, *, decider: Decider) -> Outcome:
    """Delete the comment and all that is known of its text."""
    actor = command.intent.actor

    def decide(db: Connection) -> WithReach:
        comment = require_comment(find_own_comment(db, command.comment_id, actor))
        require_author(actor, comment.author, field="comment_id")
        return WithReach(CommentDeleted(comment_id=command.comment_id), comment.reach)

    return await decider.carry_out(command.intent, decide, owner=actor)
