"""The feed's tables, made from the events of posts, comments, reactions and people, and the reports of regions."""

from __future__ import annotations

from importlib.resources import files

from services.chassis.origins import Register
from services.chassis.projection import Projection
from services.feed.projections import comments, deliveries, people, posts, reactions
from services.feed.projections.erasing import erase_person

VERSION = 3
REGISTERS = (
    Register("people", owner="id", key="id", values="handle, name"),
    Register("home_sources", owner="reader", key="reader, author"),
    Register("posts", owner="author", key="id", values="body, created_at_ms, edited_at_ms, deleted"),
    Register("comments", owner="author", key="id", values="post_id, body, created_at_ms, deleted"),
    Register("reactions", owner="person", key="person, target_id, emoji"),
    Register("peer_positions", owner="region", key="region, origin, position", values="at_ms"),
)


def feed_projection() -> Projection:
    """Return the projection of the feed service."""
    schema = (files("services.feed") / "schema.sql").read_text()
    handlers = {**people.HANDLERS, **posts.HANDLERS, **comments.HANDLERS, **reactions.HANDLERS, **deliveries.HANDLERS}
    return Projection("feed", VERSION, schema, handlers, REGISTERS, erase_person)
