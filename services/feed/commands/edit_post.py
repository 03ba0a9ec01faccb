"""Edit a post of one's own."""

from __future__ import annotations

from dataclasses import dataclass

from samverka.feed.v1.feed_events_pb2 import PostEdited
from services.chassis.deciding import Decider, Intent, Outcome, WithReach
from services.chassis.eventlog.subjects import Reach
from services.chassis.store import Connection
from services.feed.domain.questions import parse_title
from services.feed.domain.rules import require_author, require_no_praise, require_post
from services.feed.finding import find_post, find_title, is_praise


@dataclass(frozen=True, slots=True)
class EditPost:
    """A title that is None stays as it is; only a question has one."""

    intent: Intent
    post_id: str
    body: str
    title: str | None = None


async def edit_post(command: EditPost, *, decider: Decider) -> Outcome:
    """Replace the body of the post, and the title of a question."""
    actor = command.intent.actor

    def decide(db: Connection) -> WithReach:
        post = require_post(find_post(db, command.post_id, actor))
        require_author(actor, post.author, field="post_id")
        require_no_praise(is_praise(db, command.post_id))
        title = _title(db, command, post.reach)
        return WithReach(PostEdited(post_id=command.post_id, body=command.body, title=title), post.reach)

    return await decider.carry_out(command.intent, decide, owner=actor)


def _title(db: Connection, command: EditPost, reach: Reach) -> str:
    title = find_title(db, command.post_id, reach)
    if command.title is None:
        return title or ""
    return parse_title(command.title, question=title is not None)
