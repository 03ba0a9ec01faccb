"""Publishing, editing and deleting posts."""

from __future__ import annotations

from samverka.feed.v1 import feed_service_pb2 as pb
from samverka.feed.v1.feed_events_pb2 import POST_KIND_QUESTION
from services.chassis.ids import parse
from services.feed.commands.delete_post import DeletePost, delete_post
from services.feed.commands.edit_post import EditPost, edit_post
from services.feed.commands.publish_post import PublishPost, publish_post
from services.feed.domain.groups import parse_reach
from services.feed.domain.questions import parse_kind, parse_title
from services.feed.domain.texts import parse_post_body
from services.feed.rpc.parts import Context, RpcPart
from services.feed.views import find_post


class PostsRpc(RpcPart):
    """The commands about posts."""

    async def PublishPost(self, request: pb.PublishPostRequest, context: Context) -> pb.PublishPostResponse:
        intent = self._intent(request)
        post_id, kind = intent.object_id(self._decider.ids, "post"), parse_kind(request.kind)
        command = PublishPost(
            intent,
            post_id,
            parse_post_body(request.body),
            group_id=parse(request.group_id, field="group_id") if request.group_id else "",
            reach=parse_reach(request.reach),
            kind=kind,
            title=parse_title(request.title, question=kind == POST_KIND_QUESTION),
        )
        outcome = await publish_post(command, decider=self._decider)
        post = self._shown(lambda db: find_post(db, post_id, viewer=intent.actor))
        return pb.PublishPostResponse(post=post, position=outcome.position.message())

    async def EditPost(self, request: pb.EditPostRequest, context: Context) -> pb.EditPostResponse:
        intent = self._intent(request)
        command = EditPost(
            intent,
            parse(request.post_id, field="post_id"),
            parse_post_body(request.body),
            title=request.title if request.HasField("title") else None,
        )
        outcome = await edit_post(command, decider=self._decider)
        post = self._shown(lambda db: find_post(db, command.post_id, viewer=intent.actor))
        return pb.EditPostResponse(post=post, position=outcome.position.message())

    async def DeletePost(self, request: pb.DeletePostRequest, context: Context) -> pb.DeletePostResponse:
        command = DeletePost(self._intent(request), parse(request.post_id, field="post_id"))
        outcome = await delete_post(command, decider=self._decider)
        return pb.DeletePostResponse(post_id=command.post_id, position=outcome.position.message())
