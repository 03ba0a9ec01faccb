"""What arrives in groups and threads, as it arrives."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import strawberry

from gateway.schema.comments import CommentEdge
from gateway.schema.feed import PostEdge
from gateway.schema.pages import Info, as_type, subscription


@strawberry.type
class WatchSubscription:
    @subscription("Posts as they arrive in a group, after that cursor or from now on; ends when you see it no more.")
    async def group_updates(
        self, info: Info, group_id: strawberry.ID, after: str | None = None
    ) -> AsyncGenerator[PostEdge, None]:
        async for edge in info.context.watch_group(group_id, after or ""):
            yield as_type(PostEdge, edge)

    @subscription(
        "Comments as they arrive below a post, after that cursor or from now on; ends when you see it no more."
    )
    async def thread_updates(
        self, info: Info, post_id: strawberry.ID, after: str | None = None
    ) -> AsyncGenerator[CommentEdge, None]:
        async for edge in info.context.watch_thread(post_id, after or ""):
            yield as_type(CommentEdge, edge)
