"""Posts, comments and reactions, the pages they are read in, and what may be done to them."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from enum import Enum
from typing import Annotated, Any, TypeAlias

import strawberry

from gateway.compiling import computed, one_of_classes
from gateway.schema.comments import Comment, CommentConnection, Reaction, body_html, created_at
from gateway.schema.groups import Group, Reach, reach_asked, reach_shown
from gateway.schema.network import Delivery
from gateway.schema.pages import CALL, Info, Node, PageInfo, as_type, by_id, field, mutation, page_size, subscription
from gateway.schema.payloads import UserError, attempt, idempotency_key
from gateway.schema.profile import Person
from gateway.schema.recognition import Recognition
from gateway.schema.scalars import DateTime
from gateway.schema.threads import post_with_comments
from samverka.feed.v1 import feed_events_pb2 as feed_events
from samverka.feed.v1 import feed_views_pb2 as feed_views


@strawberry.enum(description="What a post is. Praise is not published: it follows from recognition that all may see.")
class PostKind(Enum):
    NOTE = feed_events.POST_KIND_NOTE
    QUESTION = feed_events.POST_KIND_QUESTION
    PRAISE = feed_events.POST_KIND_PRAISE


def _kind(post: strawberry.Parent[feed_views.Post]) -> PostKind:
    return PostKind(post.kind or feed_events.POST_KIND_NOTE)


def _title(post: strawberry.Parent[feed_views.Post]) -> str | None:
    return post.title or None


async def _accepted_answer(post: strawberry.Parent[feed_views.Post], info: Info) -> Comment | None:
    if not post.accepted_answer_id:
        return None
    context = info.context
    return as_type(Comment, await context.backend.feed.comment(context.talk, comment_id=post.accepted_answer_id))


def _edited_at(post: strawberry.Parent[feed_views.Post]) -> DateTime | None:
    return DateTime(post.edited_at_ms) if post.edited_at_ms else None


def _group(post: strawberry.Parent[feed_views.Post]) -> Group | None:
    return as_type(Group, post.group) if post.HasField("group") else None


async def _comments(
    post: strawberry.Parent[feed_views.Post], info: Info, first: int | None = 20, after: str | None = None
) -> CommentConnection:
    context = info.context
    page = post.id, page_size(first), after or ""
    came_along = context.threads.get(page)
    if came_along is not None:
        return as_type(CommentConnection, came_along)
    thread = await context.backend.feed.thread(context.talk, post_id=page[0], first=page[1], after=page[2])
    return as_type(CommentConnection, thread.comments)


async def _delivery(post: strawberry.Parent[feed_views.Post], info: Info) -> list[Delivery]:
    context = info.context
    delivery = await context.backend.feed.delivery(context.talk, post_id=post.id)
    return [as_type(Delivery, region) for region in delivery]


async def _recognition(post: strawberry.Parent[feed_views.Post], info: Info) -> Recognition | None:
    context = info.context
    if not post.recognition_id:
        return None
    recognition = await context.backend.recognition.recognition(context.talk, recognition_id=post.recognition_id)
    return as_type(Recognition, recognition)


@strawberry.type
class Post(Node):
    is_type_of = one_of_classes(feed_views.Post)

    id: strawberry.ID
    kind: PostKind = computed(_kind)
    title: str | None = computed(_title, description="Of a question.")
    recognition: Recognition | None = strawberry.field(
        resolver=_recognition, description="What praise shows; null for other posts.", metadata=CALL
    )
    body: str = strawberry.field(description="Markdown.")
    body_html: str = computed(body_html, description="The body as HTML that is safe to show.")
    topics: list[str] = strawberry.field(description="What the body names with a #, in lower case.")
    created_at: DateTime = computed(created_at)
    edited_at: DateTime | None = computed(_edited_at)
    author: Person
    comment_count: int
    answer_count: int = strawberry.field(description="Of a question: how many of its comments are answers.")
    accepted_answer: Comment | None = strawberry.field(
        resolver=_accepted_answer,
        description="The one that who asked has accepted, or the group that the question stands in.",
        metadata=CALL,
    )
    helpful_count: int = strawberry.field(description="How many it has helped, as they say.")
    viewer_marked_helpful: bool
    reactions: list[Reaction]
    group: Group | None = computed(_group, description="Null where it stands in none.")
    reach: Reach = computed(reach_shown)
    hidden: bool = strawberry.field(
        description="Hidden by its group: shown to its author and the group's moderators alone, and in no list."
    )
    comments: CommentConnection = strawberry.field(resolver=_comments, description="Oldest first.", metadata=CALL)
    delivery: list[Delivery] = strawberry.field(
        resolver=_delivery, description="Where your post has arrived; empty for others' posts.", metadata=CALL
    )


@strawberry.type
class PostEdge:
    cursor: str
    node: Post


@strawberry.type
class PostConnection:
    edges: list[PostEdge]
    page_info: PageInfo


Reactable: TypeAlias = Annotated[Post | Comment, strawberry.union("Reactable", description="What can be reacted to.")]


@strawberry.type
class FeedQuery:
    @field("One post.")
    async def post(self, info: Info, id: strawberry.ID) -> Post | None:
        with by_id():
            return as_type(Post, await post_with_comments(info, id))

    @field("Your own posts, those of the people you follow, and those of your groups, latest first.")
    async def home_feed(self, info: Info, first: int | None = 20, after: str | None = None) -> PostConnection | None:
        context = info.context
        page = await context.backend.feed.home_feed(context.talk, first=page_size(first), after=after or "")
        return as_type(PostConnection, page)


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
                group_id=input.group_id or "",
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


@strawberry.type
class FeedSubscription:
    @subscription(
        "Posts as they arrive in your home feed, after that cursor or from now on; ends when your token does."
    )
    async def home_feed_updates(self, info: Info, after: str | None = None) -> AsyncGenerator[PostEdge, None]:
        async for edge in info.context.watch_home_feed(after or ""):
            yield as_type(PostEdge, edge)


def _shown(kind: type[Any], message: Any) -> Any:
    return None if message is None else as_type(kind, message)


def _id(deleted: str | None) -> strawberry.ID | None:
    return None if deleted is None else strawberry.ID(deleted)
