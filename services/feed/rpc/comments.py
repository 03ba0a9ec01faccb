"""Commenting on posts, and reacting to both."""

from __future__ import annotations

from samverka.feed.v1 import feed_service_pb2 as pb
from services.chassis.ids import parse
from services.feed.commands.add_comment import AddComment, add_comment
from services.feed.commands.delete_comment import DeleteComment, delete_comment
from services.feed.commands.react import React, react
from services.feed.commands.unreact import Unreact, unreact
from services.feed.domain.reactions import parse_emoji
from services.feed.domain.texts import parse_comment_body
from services.feed.rpc.parts import Context, RpcPart
from services.feed.views import find_comment


class CommentsRpc(RpcPart):
    """The commands about comments and reactions."""

    async def AddComment(self, request: pb.AddCommentRequest, context: Context) -> pb.AddCommentResponse:
        intent = self._intent(request)
        comment_id = intent.object_id(self._decider.ids, "comment")
        post_id = parse(request.post_id, field="post_id")
        body = parse_comment_body(request.body, answer=request.answer)
        command = AddComment(intent, comment_id, post_id, body, answer=request.answer)
        outcome = await add_comment(command, decider=self._decider)
        comment = self._shown(lambda db: find_comment(db, comment_id, viewer=intent.actor))
        return pb.AddCommentResponse(comment=comment, position=outcome.position.message())

    async def DeleteComment(self, request: pb.DeleteCommentRequest, context: Context) -> pb.DeleteCommentResponse:
        command = DeleteComment(self._intent(request), parse(request.comment_id, field="comment_id"))
        outcome = await delete_comment(command, decider=self._decider)
        return pb.DeleteCommentResponse(comment_id=command.comment_id, position=outcome.position.message())

    async def React(self, request: pb.ReactRequest, context: Context) -> pb.ReactResponse:
        intent = self._intent(request)
        command = React(intent, parse(request.target_id, field="target_id"), parse_emoji(request.emoji))
        outcome = await react(command, decider=self._decider)
        target = self._target(command.target_id, viewer=intent.actor)
        return pb.ReactResponse(target=target, position=outcome.position.message())

    async def Unreact(self, request: pb.UnreactRequest, context: Context) -> pb.UnreactResponse:
        intent = self._intent(request)
        command = Unreact(intent, parse(request.target_id, field="target_id"), parse_emoji(request.emoji))
        outcome = await unreact(command, decider=self._decider)
        target = self._target(command.target_id, viewer=intent.actor)
        return pb.UnreactResponse(target=target, position=outcome.position.message())
