"""Publish a post, into a group or into none."""

from __future__ import annotations

from dataclasses import dataclass

from samverka.feed.v1.feed_events_pb2 import POST_KIND_NOTE, PostKind, PostPublished
from samverka.feed.v1.feed_views_pb2 import REACH_LOCAL, REACH_UNSPECIFIED
from samverka.feed.v1.feed_views_pb2 import Reach as AskedReach
from services.chassis.deciding import Decider, Intent, Outcome, WithReach
from services.chassis.eventlog.subjects import Reach
from services.chassis.store import Connection
from services.feed.domain.groups import require_group, require_member, require_reach_of_group
from services.feed.domain.rules import require_person
from services.feed.finding import is_person, was_published
from services.feed.standing import find_seen, reach_of


@dataclass(frozen=True, slots=True)
class PublishPost:
    """``group_id`` is empty for a post in no group; a reach that is not asked for is that of the group, or the network's."""

    intent: Intent
    post_id: str
    body: str
    group_id: str = ""
    reach: AskedReach.ValueType = REACH_UNSPECIFIED
    kind: PostKind.ValueType = POST_KIND_NOTE
    title: str = ""


async def publish_post(command: PublishPost, *, decider: Decider) -> Outcome:
    """Publish ``body`` as a post of the intent's actor; nothing happens if ``post_id`` has been there already."""
    actor = command.intent.actor

    def decide(db: Connection) -> WithReach | None:
        require_person(is_person(db, actor))
        if was_published(db, command.post_id):
            return None
        published = PostPublished(
            post_id=command.post_id,
            body=command.body,
            group_id=command.group_id,
            kind=command.kind,
            title=command.title,
        )
        return WithReach(published, _reach_within_group(db, command))

    return await decider.carry_out(command.intent, decide, owner=actor)


def _reach_within_group(db: Connection, command: PublishPost) -> Reach:
    if not command.group_id:
        return reach_of(command.reach == REACH_LOCAL)
    group = require_group(find_seen(db, command.group_id, command.intent.actor))
    require_member(group.role)
    require_reach_of_group(command.reach, group.reach == "local")
    return group.reach
