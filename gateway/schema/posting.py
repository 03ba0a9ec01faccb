"""What may be done to posts, comments and reactions."""

from __future__ import annotations

from typing import Any

import strawberry

from gateway.schema.comments import Comment
from gateway.schema.feed import Post, PostKind, Reactable
from gateway.schema.groups import Reach, reach_asked
from gateway.schema.pages import Info, as_type, mutation
from gateway.schema.payloads import UserError, attempt, idempotency_key
from samverka.feed.v1 import feed_events_pb2 as feed_events


@strawberry.input
class CreatePostInput:
    """Into a group that you are a member of, or into none. In a group, its reach is the group's."""

    body: str
    kind: PostKind | None = None
    title: str | None = None
    group_id: strawberry.ID | None = None
    reach: Reach | None = None
    idempotency_key: str | None = None


@strawberry.input
class EditPostInput:
    """A title that is left out stays as it is."""

    post_id: strawberry.ID
    body: str
    title: str | None = None
    idempotency_key: str | None = None


@strawberry.input
class DeletePostInput:
    post_id: strawberry.ID
    idempotency_key: str | None = None


@strawberry.input
class AddCommentInput:
    """As an answer only below a question."""

    post_id: strawberry.ID
    body: str
    answer: bool | None = None
    idempotency_key: str | None = None


@strawberry.input
class DeleteCommentInput:
    comment_id: strawberry.ID
    idempotency_key: str | None = None


@strawberry.input
class ReactInput:
    target_id: strawberry.ID
    emoji: str
    idempotency_key: str | None = None


@strawberry.input
class UnreactInput:
    target_id: strawberry.ID
    emoji: str
    idempotency_key: str | None = None


@strawberry.type
class CreatePostPayload:
    post: Post | None
    errors: list[UserError]


@strawberry.type
class EditPostPayload:
    post: Post | None
    errors: list[UserError]


@strawberry.type
class DeletePostPayload:
    deleted_post_id: strawberry.ID | None
    errors: list[UserError]


@strawberry.type
class AddCommentPayload:
    comment: Comment | None
    errors: list[UserError]


@strawberry.type
class DeleteCommentPayload:
    deleted_comment_id: strawberry.ID | None
    errors: list[UserError]


@strawberry.type
class ReactPayload:
    target: Reactable | None
    errors: list[UserError]


@strawberry.type
class UnreactPayload:
    target: Reactable | None
    errors: list[UserError]


@strawberry.type
class FeedMutation:
    @mutation("Publish a post: Markdown, at most 20,000 characters.")
    async def create_post(self, info: Info, input: CreatePostInput) -> CreatePostPayload:
        context, key = info.context, idempotency_key(info, input.idempotency_key)
        post, errors = await attempt(
            info,
            context.backend.feed.publish(
                context.talk,
                key=key,
                body=input.body,
                group_id=input.group_id,
                reach=reach_asked(input.reach),
                kind=feed_events.POST_KIND_UNSPECIFIED if input.kind is None else input.kind.value,
                title=input.title or "",
            ),
        )
        return CreatePostPayload(post=_shown(Post, post), errors=errors)

    @mutation("Give your post another text.")
    async def edit_post(self, info: Info, input: EditPostInput) -> EditPostPayload:
        context, key = info.context, idempotency_key(info, input.idempotency_key)
        post, errors = await attempt(
            info,
            context.backend.feed.edit_post(
                context.talk, key=key, post_id=input.post_id, body=input.body, title=input.title
            ),
        )
        return EditPostPayload(post=_shown(Post, post), errors=errors)

    @mutation("Delete your post, for good.")
    async def delete_post(self, info: Info, input: DeletePostInput) -> DeletePostPayload:
        context, key = info.context, idempotency_key(info, input.idempotency_key)
        deleted, errors = await attempt(
            info, context.backend.feed.delete_post(context.talk, key=key, post_id=input.post_id)
        )
        return DeletePostPayload(deleted_post_id=_id(deleted), errors=errors)

    @mutation("Comment on a post: Markdown, at most 8,000 characters, or 20,000 of an answer.")
    async def add_comment(self, info: Info, input: AddCommentInput) -> AddCommentPayload:
        context, key = info.context, idempotency_key(info, input.idempotency_key)
        comment, errors = await attempt(
            info,
            context.backend.feed.add_comment(
                context.talk, key=key, post_id=input.post_id, body=input.body, answer=input.answer or False
            ),
        )
        return AddCommentPayload(comment=_shown(Comment, comment), errors=errors)

    @mutation("Delete your comment, for good.")
    async def delete_comment(self, info: Info, input: DeleteCommentInput) -> DeleteCommentPayload:
        context, key = info.context, idempotency_key(info, input.idempotency_key)
        deleted, errors = await attempt(
            info, context.backend.feed.delete_comment(context.talk, key=key, comment_id=input.comment_id)
        )
        return DeleteCommentPayload(deleted_comment_id=_id(deleted), errors=errors)

    @mutation("React to a post or a comment with one emoji.")
    async def react(self, info: Info, input: ReactInput) -> ReactPayload:
        context, key = info.context, idempotency_key(info, input.idempotency_key)
        target, errors = await attempt(
            info, context.backend.feed.react(context.talk, key=key, target_id=input.target_id, emoji=input.emoji)
        )
        return ReactPayload(target=_shown(Post, target), errors=errors)

    @mutation("Take your reaction back.")
    async def unreact(self, info: Info, input: UnreactInput) -> UnreactPayload:
        context, key = info.context, idempotency_key(info, input.idempotency_key)
        target, errors = await attempt(
            info, context.backend.feed.unreact(context.talk, key=key, target_id=input.target_id, emoji=input.emoji)
        )
        return UnreactPayload(target=_shown(Post, target), errors=errors)


def _shown(kind: type[Any], message: Any) -> Any:
    return None if message is None else as_type(kind, message)


def _id(deleted: str | None) -> strawberry.ID | None:
    return None if deleted is None else strawberry.ID(deleted)
