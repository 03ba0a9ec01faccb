"""Edit a post of one's own."""

from __future__ import annotations

from dataclasses import dataclass

from samverka.feed.v1.feed_events_pb2 import PostEdited
from services.chassis.deciding import Decider, Intent, Outcome
from services.chassis.store import Connection
from services.feed.domain.rules import require_author, require_post
from services.feed.finding import author_of_post


@dataclass(frozen=True, slots=True)
class EditPost:
    intent: Intent
    post_id: str
    body: str


async def edit_post(command: EditPost, *, decider: Decider) -> Outcome:
    """Replace the body of the post."""
    actor = command.intent.actor

    def decide(db: Connection) -> PostEdited:
        require_author(actor, require_post(author_of_post(db, command.post_id)), field="post_id")
        return PostEdited(post_id=command.post_id, body=command.body)

    return await decider.carry_out(command.intent, decide, owner=actor)
