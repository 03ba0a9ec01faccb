"""Delete a comment of one's own, for good."""

from __future__ import annotations

from dataclasses import dataclass

from samverka.feed.v1.feed_events_pb2 import CommentDeleted
from services.chassis.deciding import Decider, Intent, Outcome
from services.chassis.store import Connection
from services.feed.domain.rules import require_author, require_comment
from services.feed.finding import author_of_comment


@dataclass(frozen=True, slots=True)
class DeleteComment:
    intent: Intent
    comment_id: str


async def delete_comment(command: DeleteComment, *, decider: Decider) -> Outcome:
    """Delete the comment and all that is known of its text."""
    actor = command.intent.actor

    def decide(db: Connection) -> CommentDeleted:
        require_author(actor, require_comment(author_of_comment(db, command.comment_id)), field="comment_id")
        return CommentDeleted(comment_id=command.comment_id)

    return await decider.carry_out(command.intent, decide, owner=actor)
