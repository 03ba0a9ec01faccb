"""The feed's tables: posts, comments, reactions, votes, groups, moderation, people, and what the regions report."""

from __future__ import annotations

from importlib.resources import files

from samverka.feed.v1.feed_events_pb2 import POST_KIND_PRAISE
from services.chassis.group_registers import REGISTERS_OF_PEOPLE, tables_of_people
from services.chassis.origins import Register
from services.chassis.projection import Projection
from services.feed.projections import (
    admitting,
    answers,
    comments,
    deliveries,
    groups,
    helping,
    moderation,
    people,
    posts,
    praise,
    reactions,
)
from services.feed.projections.erasing import erase_person

VERSION = 10
_PUBLIC = "local = 0"
REGISTERS = (
    Register("people", owner="id", key="id", values="handle, name"),
    Register("home_sources", owner="reader", key="reader, author"),
    Register(
        "posts",
        owner="author",
        key="id",
        values="origin_sequence, group_id, kind, title, body, chosen, created_at_ms, edited_at_ms, deleted",
        where=f"{_PUBLIC} and kind != {POST_KIND_PRAISE}",
    ),
    Register(
        "comments",
        owner="author",
        key="id",
        values="origin_sequence, post_id, body, answer, created_at_ms, deleted",
        where=_PUBLIC,
    ),
    Register("badges", owner="id", key="id", values="kind, monthly_limit, awarders"),
    Register(
        "praises",
        owner="giver",
        key="id",
        values="origin_sequence, receivers, badge_id, message, private, given_at_ms, nth, withdrawn",
    ),
    Register("helpful", owner="person", key="person, target_id", where=_PUBLIC),
    Register("reactions", owner="person", key="person, target_id, emoji", where=_PUBLIC),
    Register("groups", owner="id", key="id", values="owner, name, about, private, created_at_ms", where=_PUBLIC),
    Register("memberships", owner="person", key="person, group_id", values="join_id", where=_PUBLIC),
    *REGISTERS_OF_PEOPLE,
    Register("answer_rulings", owner="group_id", key="group_id, post_id", values="comment_id", where=_PUBLIC),
    Register(
        "moderation_requests",
        owner="person",
        key="id",
        values="group_id, content_id, action, reason, about_person, join_id, answer_id",
        where=_PUBLIC,
    ),
    Register(
        "moderation_outcomes", owner="group_id", key="group_id, request_id", values="declined_reason", where=_PUBLIC
    ),
    Register("moderation", owner="group_id", key="group_id, content_id", values="hidden, request_id", where=_PUBLIC),
    Register("peer_positions", owner="region", key="region, origin, position", values="at_ms"),
)


def feed_projection() -> Projection:
    """Return the projection of the feed service."""
    schema = tables_of_people() + (files("services.feed") / "schema.sql").read_text()
    parts = (people, posts, comments, reactions, helping, answers, groups, admitting, moderation, deliveries, praise)
    handlers = {kind: handler for part in parts for kind, handler in part.HANDLERS.items()}
    return Projection("feed", VERSION, schema, handlers, REGISTERS, erase_person)
