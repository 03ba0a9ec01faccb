"""Reading posts: one, with its comments, and the pages they come in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing

from samverka.feed.v1 import feed_service_pb2 as pb
from services.chassis.auth import current_caller
from services.chassis.ids import parse
from services.chassis.paging import parse_cursor
from services.feed.domain.rules import require_comment, require_post
from services.feed.queries.get_delivery import get_delivery
from services.feed.queries.get_thread import get_thread
from services.feed.queries.list_home_feed import list_home_feed
from services.feed.queries.list_person_posts import list_person_posts
from services.feed.rpc.parts import Context, RpcPart
from services.feed.views import find_comment, find_post


class PagesRpc(RpcPart):
    """The questions about posts."""

    async def GetPost(self, request: pb.GetPostRequest, context: Context) -> pb.GetPostResponse:
        post_id, viewer = parse(request.post_id, field="post_id"), current_caller().person_id
        post = self._runner.store.read_now(lambda db: find_post(db, post_id, viewer=viewer))
        return pb.GetPostResponse(post=require_post(post))

    async def GetComment(self, request: pb.GetCommentRequest, context: Context) -> pb.GetCommentResponse:
        comment_id, viewer = parse(request.comment_id, field="comment_id"), current_caller().person_id
        comment = self._runner.store.read_now(lambda db: find_comment(db, comment_id, viewer=viewer))
        return pb.GetCommentResponse(comment=require_comment(comment))

    async def GetThread(self, request: pb.GetThreadRequest, context: Context) -> pb.GetThreadResponse:
        post_id, viewer = parse(request.post_id, field="post_id"), current_caller().person_id
        page, epoch = self._page(request.first, request.after), self._runner.position.epoch
        thread = self._runner.store.read_now(lambda db: get_thread(db, post_id, page, viewer=viewer, epoch=epoch))
        post, comments = require_post(thread)
        return pb.GetThreadResponse(post=post, comments=self._begun(comments, page))

    async def ListHomeFeed(self, request: pb.ListHomeFeedRequest, context: Context) -> pb.ListHomeFeedResponse:
        reader, epoch = current_caller().person_id, self._runner.position.epoch
        page, response = self._page(request.first, request.after), pb.ListHomeFeedResponse()
        self._runner.store.read_now(
            lambda db: list_home_feed(db, page, reader=reader, epoch=epoch, into=response.posts)
        )
        self._begun(response.posts, page)
        return response

    async def ListPersonPosts(self, request: pb.ListPersonPostsRequest, context: Context) -> pb.ListPersonPostsResponse:
        person_id, viewer = parse(request.person_id, field="person_id"), current_caller().person_id
        page, epoch = self._page(request.first, request.after), self._runner.position.epoch
        posts = self._runner.store.read_now(
            lambda db: list_person_posts(db, person_id, page, viewer=viewer, epoch=epoch)
        )
        return pb.ListPersonPostsResponse(posts=self._begun(posts, page))

    async def GetDelivery(self, request: pb.GetDeliveryRequest, context: Context) -> pb.GetDeliveryResponse:
        post_id, viewer = parse(request.post_id, field="post_id"), current_caller().person_id
        regions = self._runner.store.read_now(lambda db: get_delivery(db, post_id, viewer=viewer, region=self._region))
        return pb.GetDeliveryResponse(regions=regions)

    async def WatchHomeFeed(
        self, request: pb.WatchHomeFeedRequest, context: Context
    ) -> AsyncIterator[pb.WatchHomeFeedResponse]:
        epoch = self._runner.position.epoch
        after = parse_cursor(request.after, epoch=epoch) if request.after else None
        async with aclosing(self._watch.watch(current_caller().person_id, after=after)) as edges:
            async for edge in edges:
                yield pb.WatchHomeFeedResponse(edge=edge)

    async def WatchGroup(self, request: pb.WatchGroupRequest, context: Context) -> AsyncIterator[pb.WatchGroupResponse]:
        group_id, viewer = parse(request.group_id, field="group_id"), current_caller().person_id
        after = self._begin(request.after)
        yield pb.WatchGroupResponse(begins_after=f"{self._runner.position.epoch}:{after}")
        async with aclosing(self._watch.watch_group(group_id, viewer=viewer, after=after)) as edges:
            async for edge in edges:
                yield pb.WatchGroupResponse(edge=edge)

    async def WatchThread(
        self, request: pb.WatchThreadRequest, context: Context
    ) -> AsyncIterator[pb.WatchThreadResponse]:
        post_id, viewer = parse(request.post_id, field="post_id"), current_caller().person_id
        after = self._begin(request.after)
        yield pb.WatchThreadResponse(begins_after=f"{self._runner.position.epoch}:{after}")
        async with aclosing(self._watch.watch_thread(post_id, viewer=viewer, after=after)) as edges:
            async for edge in edges:
                yield pb.WatchThreadResponse(edge=edge)

    def _begin(self, after: str) -> int:
        """Return the sequence that watching begins after: a cursor's, or what is here now."""
        position = self._runner.position
        return parse_cursor(after, epoch=position.epoch) if after else position.sequence
