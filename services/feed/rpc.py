"""The feed service over gRPC: requests are parsed here, carried out below, and answered with what is shown."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from typing import Any, TypeVar

import grpc.aio

from samverka.feed.v1 import feed_service_pb2 as pb
from samverka.feed.v1.feed_service_pb2_grpc import FeedServiceServicer
from services.chassis.auth import current_caller
from services.chassis.deciding import Decider, parse_intent
from services.chassis.errors import NotFound, Unavailable
from services.chassis.ids import parse
from services.chassis.paging import PageRequest, parse_cursor, parse_page
from services.chassis.projection import ProjectionRunner
from services.chassis.store import Connection
from services.feed.commands.add_comment import AddComment, add_comment
from services.feed.commands.delete_comment import DeleteComment, delete_comment
from services.feed.commands.delete_post import DeletePost, delete_post
from services.feed.commands.edit_post import EditPost, edit_post
from services.feed.commands.publish_post import PublishPost, publish_post
from services.feed.commands.react import React, react
from services.feed.commands.unreact import Unreact, unreact
from services.feed.domain.reactions import parse_emoji
from services.feed.domain.texts import parse_comment_body, parse_post_body
from services.feed.queries.get_delivery import get_delivery
from services.feed.queries.get_thread import get_thread
from services.feed.queries.list_home_feed import list_home_feed
from services.feed.queries.list_person_posts import list_person_posts
from services.feed.views import find_comment, find_post
from services.feed.watching import HomeFeedWatch

Context = grpc.aio.ServicerContext[Any, Any]
Shown = TypeVar("Shown")


class FeedRpc(FeedServiceServicer):
    """What integrators and the gateway call."""

    def __init__(self, *, region: str, decider: Decider, runner: ProjectionRunner, home: HomeFeedWatch) -> None:
        self._region = region
        self._decider = decider
        self._runner = runner
        self._home = home

    async def PublishPost(self, request: pb.PublishPostRequest, context: Context) -> pb.PublishPostResponse:
        intent = parse_intent(request, request.context, current_caller(), self._region)
        post_id = intent.object_id(self._decider.ids, "post")
        command = PublishPost(intent, post_id, parse_post_body(request.body))
        outcome = await publish_post(command, decider=self._decider)
        post = self._shown(lambda db: find_post(db, post_id, viewer=intent.actor))
        return pb.PublishPostResponse(post=post, position=outcome.position.message())

    async def EditPost(self, request: pb.EditPostRequest, context: Context) -> pb.EditPostResponse:
        intent = parse_intent(request, request.context, current_caller(), self._region)
        command = EditPost(intent, parse(request.post_id, field="post_id"), parse_post_body(request.body))
        outcome = await edit_post(command, decider=self._decider)
        post = self._shown(lambda db: find_post(db, command.post_id, viewer=intent.actor))
        return pb.EditPostResponse(post=post, position=outcome.position.message())

    async def DeletePost(self, request: pb.DeletePostRequest, context: Context) -> pb.DeletePostResponse:
        intent = parse_intent(request, request.context, current_caller(), self._region)
        command = DeletePost(intent, parse(request.post_id, field="post_id"))
        outcome = await delete_post(command, decider=self._decider)
        return pb.DeletePostResponse(post_id=command.post_id, position=outcome.position.message())

    async def AddComment(self, request: pb.AddCommentRequest, context: Context) -> pb.AddCommentResponse:
        intent = parse_intent(request, request.context, current_caller(), self._region)
        comment_id = intent.object_id(self._decider.ids, "comment")
        post_id = parse(request.post_id, field="post_id")
        command = AddComment(intent, comment_id, post_id, parse_comment_body(request.body))
        outcome = await add_comment(command, decider=self._decider)
        comment = self._shown(lambda db: find_comment(db, comment_id, viewer=intent.actor))
        return pb.AddCommentResponse(comment=comment, position=outcome.position.message())

    async def DeleteComment(self, request: pb.DeleteCommentRequest, context: Context) -> pb.DeleteCommentResponse:
        intent = parse_intent(request, request.context, current_caller(), self._region)
        command = DeleteComment(intent, parse(request.comment_id, field="comment_id"))
        outcome = await delete_comment(command, decider=self._decider)
        return pb.DeleteCommentResponse(comment_id=command.comment_id, position=outcome.position.message())

    async def React(self, request: pb.ReactRequest, context: Context) -> pb.ReactResponse:
        intent = parse_intent(request, request.context, current_caller(), self._region)
        command = React(intent, parse(request.target_id, field="target_id"), parse_emoji(request.emoji))
        outcome = await react(command, decider=self._decider)
        target = self._target(command.target_id, viewer=intent.actor)
        return pb.ReactResponse(target=target, position=outcome.position.message())

    async def Unreact(self, request: pb.UnreactRequest, context: Context) -> pb.UnreactResponse:
        intent = parse_intent(request, request.context, current_caller(), self._region)
        command = Unreact(intent, parse(request.target_id, field="target_id"), parse_emoji(request.emoji))
        outcome = await unreact(command, decider=self._decider)
        target = self._target(command.target_id, viewer=intent.actor)
        return pb.UnreactResponse(target=target, position=outcome.position.message())

    async def GetPost(self, request: pb.GetPostRequest, context: Context) -> pb.GetPostResponse:
        post_id, viewer = parse(request.post_id, field="post_id"), current_caller().person_id
        post = self._runner.store.read_now(lambda db: find_post(db, post_id, viewer=viewer))
        if post is None:
            raise NotFound("There is no such post.", code="post_not_found", field="post_id")
        return pb.GetPostResponse(post=post)

    async def GetThread(self, request: pb.GetThreadRequest, context: Context) -> pb.GetThreadResponse:
        post_id, viewer = parse(request.post_id, field="post_id"), current_caller().person_id
        page, epoch = self._page(request.first, request.after), self._runner.position.epoch
        thread = self._runner.store.read_now(lambda db: get_thread(db, post_id, page, viewer=viewer, epoch=epoch))
        if thread is None:
            raise NotFound("There is no such post.", code="post_not_found", field="post_id")
        return pb.GetThreadResponse(post=thread[0], comments=thread[1])

    async def ListHomeFeed(self, request: pb.ListHomeFeedRequest, context: Context) -> pb.ListHomeFeedResponse:
        reader, epoch = current_caller().person_id, self._runner.position.epoch
        page = self._page(request.first, request.after)
        posts = self._runner.store.read_now(lambda db: list_home_feed(db, page, reader=reader, epoch=epoch))
        return pb.ListHomeFeedResponse(posts=posts)

    async def ListPersonPosts(self, request: pb.ListPersonPostsRequest, context: Context) -> pb.ListPersonPostsResponse:
        person_id, viewer = parse(request.person_id, field="person_id"), current_caller().person_id
        page, epoch = self._page(request.first, request.after), self._runner.position.epoch
        posts = self._runner.store.read_now(
            lambda db: list_person_posts(db, person_id, page, viewer=viewer, epoch=epoch)
        )
        return pb.ListPersonPostsResponse(posts=posts)

    async def GetDelivery(self, request: pb.GetDeliveryRequest, context: Context) -> pb.GetDeliveryResponse:
        post_id, viewer = parse(request.post_id, field="post_id"), current_caller().person_id
        regions = self._runner.store.read_now(lambda db: get_delivery(db, post_id, viewer=viewer, region=self._region))
        return pb.GetDeliveryResponse(regions=regions)

    async def WatchHomeFeed(
        self, request: pb.WatchHomeFeedRequest, context: Context
    ) -> AsyncIterator[pb.WatchHomeFeedResponse]:
        epoch = self._runner.position.epoch
        after = parse_cursor(request.after, epoch=epoch) if request.after else None
        async with aclosing(self._home.watch(current_caller().person_id, after=after)) as edges:
            async for edge in edges:
                yield pb.WatchHomeFeedResponse(edge=edge)

    def _page(self, first: int, after: str) -> PageRequest:
        return parse_page(first=first, after=after, epoch=self._runner.position.epoch)

    def _shown(self, find: Callable[[Connection], Shown | None]) -> Shown:
        """Return what a command led to, as a reader sees it now."""
        shown = self._runner.store.read_now(find)
        if shown is None:
            raise Unavailable(
                "It is done, and not shown here: it was deleted, or this replica is behind.", code="not_shown"
            )
        return shown

    def _target(self, target_id: str, *, viewer: str) -> pb.Target:
        def find(db: Connection) -> pb.Target | None:
            post = find_post(db, target_id, viewer=viewer)
            if post is not None:
                return pb.Target(post=post)
            comment = find_comment(db, target_id, viewer=viewer)
            return pb.Target(comment=comment) if comment is not None else None

        return self._shown(find)
