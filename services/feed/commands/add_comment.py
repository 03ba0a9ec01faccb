"""Comment on a post."""

from __future__ import annotations

from dataclasses import dataclass

from samverka.feed.v1.feed_events_pb2 import CommentAdded
from services.chassis.deciding import Decider, Intent, Outcome, WithReach
from services.chassis.store import Connection
from services.feed.domain.questions import require_question
from services.feed.domain.rules import require_person, require_post
from services.feed.finding import find_question, find_shown_post, is_person, was_commented


@dataclass(frozen=True, slots=True)
class AddComment:
    intent: Intent
    comment_id: str
    post_id: str
    body: str
    answer: bool = False


async def add_comment(command: AddComment, *, decider: Decider) -> Outcome:
    """Add ``body`` below the post; nothing happens if ``comment_id`` has been there already."""
    actor = command.intent.actor

    def decide(db: Connection) -> WithReach | None:
        require_person(is_person(db, actor))
        if was_commented(db, command.comment_id):
            return None
        post = require_post(find_shown_post(db, command.post_id, actor))
        if command.answer:
            require_question(find_question(db, command.post_id, post.reach), field="answer")
        added = CommentAdded(
            comment_id=command.comment_id, post_id=command.post_id, body=command.body, answer=command.answer
        )
        return WithReach(added, post.reach)

    return await decider.carry_out(command.intent, decide, owner=actor)
