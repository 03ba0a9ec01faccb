"""Delete a post of one's own, for good."""

from __future__ import annotations

from dataclasses import dataclass

from samverka.feed.v1.feed_events_pb2 import PostDeleted
from services.chassis.deciding import Decider, Intent, Outcome
from services.chassis.store import Connection
from services.feed.domain.rules import require_author, require_post
from services.feed.finding import author_of_post


@dataclass(frozen=True, slots=True)
class DeletePost:
    intent: Intent
    post_id: str


async def delete_post(command: DeletePost, *, decider: Decider) -> Outcome:
    """Delete the post and all that is known of its text."""
    actor = command.intent.actor

    def decide(db: Connection) -> PostDeleted:
        require_author(actor, require_post(author_of_post(db, command.post_id)), field="post_id")
        return PostDeleted(post_id=command.post_id)

    return await decider.carry_out(command.intent, decide, owner=actor)
