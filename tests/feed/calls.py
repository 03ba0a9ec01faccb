"""What a member does in the feed, one function a call."""

from __future__ import annotations

from typing import Any

from samverka.event.v1.event_pb2 import CommandContext
from samverka.feed.v1 import feed_service_pb2 as pb
from samverka.feed.v1.feed_views_pb2 import Comment, CommentConnection, Post, PostConnection, ReactionCount
from tests.support.services import Member, Replica, key


async def publish(
    member: Member, body: str = "hello", *, context: CommandContext | None = None, replica: Replica | None = None
) -> Post:
    stub = (replica or member.region.feed).feed
    answer = await member.ask(stub.PublishPost, pb.PublishPostRequest(context=context, body=body))
    post: Post = answer.post
    return post


async def edit(member: Member, post_id: str, body: str = "better", *, under: str = "") -> Post:
    request = pb.EditPostRequest(context=key(under), post_id=post_id, body=body)
    post: Post = (await member.ask(member.region.feed.feed.EditPost, request)).post
    return post


async def delete(member: Member, post_id: str, *, under: str = "") -> str:
    request = pb.DeletePostRequest(context=key(under), post_id=post_id)
    deleted: str = (await member.ask(member.region.feed.feed.DeletePost, request)).post_id
    return deleted


async def comment(member: Member, post_id: str, body: str = "indeed", *, under: str = "") -> Comment:
    request = pb.AddCommentRequest(context=key(under), post_id=post_id, body=body)
    added: Comment = (await member.ask(member.region.feed.feed.AddComment, request)).comment
    return added


async def delete_comment(member: Member, comment_id: str) -> str:
    request = pb.DeleteCommentRequest(comment_id=comment_id)
    deleted: str = (await member.ask(member.region.feed.feed.DeleteComment, request)).comment_id
    return deleted


async def react(member: Member, target_id: str, emoji: str = "👍", *, under: str = "") -> Any:
    """Return the post or the comment that was reacted to."""
    request = pb.ReactRequest(context=key(under), target_id=target_id, emoji=emoji)
    return _kind((await member.ask(member.region.feed.feed.React, request)).target)


async def unreact(member: Member, target_id: str, emoji: str = "👍") -> Any:
    request = pb.UnreactRequest(target_id=target_id, emoji=emoji)
    return _kind((await member.ask(member.region.feed.feed.Unreact, request)).target)


async def get_post(member: Member, post_id: str) -> Post:
    post: Post = (await member.ask(member.region.feed.feed.GetPost, pb.GetPostRequest(post_id=post_id))).post
    return post


async def thread(member: Member, post_id: str, *, first: int = 0, after: str = "") -> CommentConnection:
    request = pb.GetThreadRequest(post_id=post_id, first=first, after=after)
    comments: CommentConnection = (await member.ask(member.region.feed.feed.GetThread, request)).comments
    return comments


async def home_page(
    member: Member, *, first: int = 0, after: str = "", replica: Replica | None = None
) -> PostConnection:
    request = pb.ListHomeFeedRequest(first=first, after=after)
    posts: PostConnection = (await member.ask((replica or member.region.feed).feed.ListHomeFeed, request)).posts
    return posts


async def home(member: Member) -> list[str]:
    """Return the ids of a home feed of at most 100 posts, latest first."""
    return ids(await home_page(member, first=100))


async def person_page(member: Member, person_id: str, *, first: int = 0, after: str = "") -> PostConnection:
    request = pb.ListPersonPostsRequest(person_id=person_id, first=first, after=after)
    posts: PostConnection = (await member.ask(member.region.feed.feed.ListPersonPosts, request)).posts
    return posts


def ids(page: PostConnection | CommentConnection) -> list[str]:
    return [edge.node.id for edge in page.edges]


def counts(shown: Post | Comment) -> dict[str, int]:
    """Return how many reacted with what."""
    return {reaction.emoji: reaction.count for reaction in shown.reactions}


def mine(shown: Post | Comment) -> set[str]:
    """Return what the viewer reacted with."""
    reactions: list[ReactionCount] = list(shown.reactions)
    return {reaction.emoji for reaction in reactions if reaction.viewer_reacted}


def _kind(target: pb.Target) -> Post | Comment:
    return target.post if target.WhichOneof("kind") == "post" else target.comment
