"""Edit a post of one's own."""

from __future__ import annotations

from dataclasses import dataclass

from samverka.feed.v1.feed_events_pb2 import PostEdited
from services.chassis.deciding import Decider, Intent, Outcome, WithReach
from services.chassis.store import Connection
from services.feed.domain.rules import require_author, require_no_praise, require_post
from services.feed.finding import find_post, is_praise


@dataclass(frozen=True, slots=True)
class EditPost:
    intent: Intent
    post_id: str
    body: str


async def edit_post(command: EditPost, *, decider: Decider) -> Outcome:
    """Replace the body of the post."""
    actor = command.intent.actor

    def decide(db: Connection) -> WithReach:
        post = require_post(find_post(db, command.post_id, actor))
        require_author(actor, post.author, field="post_id")
        require_no_praise(is_praise(db, command.post_id))
        return WithReach(PostEdited(post_id=command.post_id, body=command.body), post.reach)

    return await decider.carry_out(command.intent, decide, owner=actor)
