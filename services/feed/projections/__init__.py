"""The feed's tables, made from the events of posts, comments, reactions and people."""

from __future__ import annotations

from importlib.resources import files

from services.chassis.projection import Projection
from services.feed.projections import comments, people, posts, reactions

VERSION = 1


def feed_projection() -> Projection:
    """Return the projection of the feed service."""
    schema = (files("services.feed") / "schema.sql").read_text()
    handlers = {**people.HANDLERS, **posts.HANDLERS, **comments.HANDLERS, **reactions.HANDLERS}
    return Projection("feed", VERSION, schema, handlers)
