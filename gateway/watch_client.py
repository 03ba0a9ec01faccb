"""What arrives in the groups and threads of the feed service, as it arrives.

A stream that breaks is resumed after the last cursor; where it began is told by the service, so that one which breaks before
anything came misses nothing either.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any

import grpc
from google.protobuf.message import Message

from gateway.calls import Talk, build, resumed, stream
from samverka.feed.v1 import feed_service_pb2 as pb
from samverka.feed.v1 import feed_views_pb2 as views
from samverka.feed.v1.feed_service_pb2_grpc import FeedServiceStub


class WatchClient:
    """Groups and threads, watched; errors are those of the other clients."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub: Any = FeedServiceStub(channel)

    def group(self, talk: Talk, *, group_id: str, after: str) -> AsyncGenerator[views.PostEdge, None]:
        """Yield the posts that arrive in a group. Raises NotFound, also when it is not there for the caller any more."""

        def request(cursor: str) -> Message:
            return build(pb.WatchGroupRequest, group_id=group_id, after=cursor)

        return _edges(talk, self._stub.WatchGroup, request, after)

    def thread(self, talk: Talk, *, post_id: str, after: str) -> AsyncGenerator[views.CommentEdge, None]:
        """Yield the comments that arrive below a post. Raises NotFound, also when the caller does not see it any more."""

        def request(cursor: str) -> Message:
            return build(pb.WatchThreadRequest, post_id=post_id, after=cursor)

        return _edges(talk, self._stub.WatchThread, request, after)


async def _edges(talk: Talk, method: Any, request: Callable[[str], Message], after: str) -> AsyncGenerator[Any, None]:
    cursor = after
    async with aclosing(resumed(lambda: stream(method(request(cursor), metadata=talk.metadata())))) as responses:
        async for response in responses:
            if response.HasField("edge"):
                cursor = response.edge.cursor
                yield response.edge
            else:
                cursor = response.begins_after
