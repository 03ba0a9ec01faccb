"""What moderators ask of a group's home, kept in the reference as it stands in their own register."""

from __future__ import annotations

from typing import Any

from samverka.feed.v1.feed_events_pb2 import ModerationRequested
from samverka.feed.v1.feed_views_pb2 import MODERATION_STATE_PENDING, Moderation
from simulation.calling import Client
from simulation.reference.groups import Request


async def keep_request(me: Client, request: Any, moderation: Moderation | None, *, local: bool) -> Request:
    """Keep what a command has asked for, and what its answer, if there was one, said of it."""
    asked = await me.made_by(request, ModerationRequested)
    kept = Request(
        id=asked.request_id,
        person=me.id,
        group_id=asked.group_id,
        content_id=asked.content_id,
        action=asked.action,
        reason=asked.reason,
        local=local,
        about=asked.person_id,
        join_id=asked.join_id,
        answer_id=asked.answer_id,
    )
    if moderation is not None and moderation.state != MODERATION_STATE_PENDING:
        kept.told_reason = moderation.declined_reason
    me.reference.groups.requests[kept.id] = kept
    return kept
