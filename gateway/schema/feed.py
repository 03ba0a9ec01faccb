"""Posts with their comments and reactions, and the pages they are read in."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from enum import Enum
from typing import Annotated, TypeAlias

import strawberry

from gateway.compiling import computed, one_of_classes
from gateway.schema.comments import Comment, CommentConnection, Reaction, body_html, created_at
from gateway.schema.groups import Group, Reach, reach_shown
from gateway.schema.network import Delivery
from gateway.schema.pages import CALL, Info, Node, PageInfo, as_type, by_id, field, page_size, subscription
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


@strawberry.type
class FeedSubscription:
    @subscription(
        "Posts as they arrive in your home feed, after that cursor or from now on; ends when your token does."
    )
    async def home_feed_updates(self, info: Info, after: str | None = None) -> AsyncGenerator[PostEdge, None]:
        async for edge in info.context.watch_home_feed(after or ""):
            yield as_type(PostEdge, edge)
