"""Publish a post."""

from __future__ import annotations

from dataclasses import dataclass

from samverka.feed.v1.feed_events_pb2 import PostPublished
from services.chassis.deciding import Decider, Intent, Outcome
from services.chassis.store import Connection
from services.feed.domain.rules import require_person
from services.feed.finding import is_person, was_published


@dataclass(frozen=True, slots=True)
class PublishPost:
    intent: Intent
    post_id: str
    body: str


async def publish_post(command: PublishPost, *, decider: Decider) -> Outcome:
    """Publish ``body`` as a post of the intent's actor; nothing happens if ``post_id`` has been there already."""
    actor = command.intent.actor

    def decide(db: Connection) -> PostPublished | None:
        require_person(is_person(db, actor))
        if was_published(db, command.post_id):
            return None
        return PostPublished(post_id=command.post_id, body=command.body)

    return await decider.carry_out(command.intent, decide, owner=actor)
