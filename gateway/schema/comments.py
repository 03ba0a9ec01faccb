"""Comments and reactions, as they stand below posts."""

from __future__ import annotations

from typing import Any

import strawberry

from gateway.compiling import computed, one_of_classes
from gateway.rendering import render
from gateway.schema.pages import Node, PageInfo
from gateway.schema.profile import Person
from gateway.schema.scalars import DateTime
from samverka.feed.v1 import feed_views_pb2 as feed_views


def body_html(written: strawberry.Parent[Any]) -> str:
    """Return what a post or a comment says as HTML."""
    return render(written.body)


def created_at(written: strawberry.Parent[Any]) -> DateTime:
    """Return when a post or a comment was written."""
    return DateTime(written.created_at_ms)


@strawberry.type
class Reaction:
    emoji: str
    count: int
    viewer_reacted: bool


@strawberry.type
class Comment(Node):
    is_type_of = one_of_classes(feed_views.Comment)

    id: strawberry.ID
    body: str = strawberry.field(description="Markdown.")
    body_html: str = computed(body_html, description="The body as HTML that is safe to show.")
    created_at: DateTime = computed(created_at)
    author: Person
    reactions: list[Reaction]
    answer: bool = strawberry.field(description="It answers the question above it.")
    helpful_count: int = strawberry.field(description="How many it has helped, as they say.")
    viewer_marked_helpful: bool
    hidden: bool = strawberry.field(
        description="Hidden by the group of its post: shown to its author and the group's moderators alone, by its id."
    )


@strawberry.type
class CommentEdge:
    cursor: str
    node: Comment


@strawberry.type
class CommentConnection:
    edges: list[CommentEdge]
    page_info: PageInfo
