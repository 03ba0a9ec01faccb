"""The services, seen from a request: one call for a page.

Every client method takes the ``Talk`` of the request it is made for, and raises a SamverkaError and nothing else.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import grpc

from gateway import limits
from gateway.calls import Talk, build, command, command_context, optional_id, page_items, query, resumed, shown, stream
from samverka.feed.v1 import feed_service_pb2 as feed_pb2
from samverka.feed.v1 import feed_views_pb2 as feed_views
from samverka.feed.v1.feed_events_pb2 import PostKind
from samverka.feed.v1.feed_service_pb2_grpc import FeedServiceStub
from samverka.network.v1 import network_service_pb2 as network_pb2
from samverka.network.v1 import network_views_pb2 as network_views
from samverka.network.v1.network_service_pb2_grpc import NetworkServiceStub
from samverka.profile.v1 import profile_service_pb2 as profile_pb2
from samverka.profile.v1 import profile_views_pb2 as profile_views
from samverka.profile.v1.profile_service_pb2_grpc import ProfileServiceStub

PROFILE_READS = ("samverka.profile.v1.ProfileService/GetPerson",)
FEED_READS = tuple(
    f"samverka.feed.v1.FeedService/{method}"
    for method in (
        "GetPost",
        "GetComment",
        "GetThread",
        "GetDelivery",
        "ListQuestions",
        "ListMentions",
        "ListHomeFeed",
        "ListPersonPosts",
        "GetGroup",
        "ListGroups",
        "ListMembers",
        "ListMembershipRequests",
        "ListGroupPosts",
    )
)
NETWORK_READS = tuple(f"samverka.network.v1.NetworkService/{method}" for method in ("GetNetwork", "GetErasure"))
Target = feed_views.Post | feed_views.Comment


class ProfileClient:
    """The profile service, seen from a request."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub: Any = ProfileServiceStub(channel)

    async def sign_in(self, talk: Talk) -> profile_views.Person:
        """Make the caller known; later calls return who is there."""
        reply = await command(talk, self._stub.SignIn, profile_pb2.SignInRequest())
        return shown(profile_views.Person, reply.person)

    async def person(self, talk: Talk, *, person_id: str) -> profile_views.Person:
        """Return the person with that id. Raises NotFound."""
        return await self._person(talk, build(profile_pb2.GetPersonRequest, id=person_id))

    async def person_by_handle(self, talk: Talk, *, handle: str) -> profile_views.Person:
        """Return the person of this region with that handle. Raises NotFound."""
        return await self._person(talk, build(profile_pb2.GetPersonRequest, handle=handle))

    async def _person(self, talk: Talk, request: profile_pb2.GetPersonRequest) -> profile_views.Person:
        return shown(profile_views.Person, (await query(talk, self._stub.GetPerson, request)).person)

    async def edit(self, talk: Talk, *, key: str, **given: Any) -> profile_views.Person:
        """Change what is given of the caller's profile, by the names of the request's fields."""
        request = build(profile_pb2.EditProfileRequest, context=command_context(key), **given)
        return shown(profile_views.Person, (await command(talk, self._stub.EditProfile, request)).person)

    async def follow(self, talk: Talk, *, key: str, person_id: str) -> profile_views.Person:
        """Follow the person, and return them."""
        request = build(profile_pb2.FollowRequest, context=command_context(key), person_id=person_id)
        return shown(profile_views.Person, (await command(talk, self._stub.Follow, request)).person)

    async def unfollow(self, talk: Talk, *, key: str, person_id: str) -> profile_views.Person | None:
        """Follow the person no longer, and return them; None if they have been erased."""
        request = build(profile_pb2.UnfollowRequest, context=command_context(key), person_id=person_id)
        answer = await command(talk, self._stub.Unfollow, request)
        return shown(profile_views.Person, answer.person) if answer.HasField("person") else None


class FeedClient:
    """The feed service, seen from a request."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub: Any = FeedServiceStub(channel)

    async def home_feed(self, talk: Talk, *, first: int, after: str) -> feed_views.PostConnection:
        """Return a page of the caller's home feed."""
        request = build(feed_pb2.ListHomeFeedRequest, first=page_items(first), after=after)
        reply = await query(talk, self._stub.ListHomeFeed, request)
        return shown(feed_views.PostConnection, reply.posts)

    async def posts_of(self, talk: Talk, *, person_id: str, first: int, after: str) -> feed_views.PostConnection:
        """Return a page of one person's posts."""
        request = build(feed_pb2.ListPersonPostsRequest, person_id=person_id, first=page_items(first), after=after)
        reply = await query(talk, self._stub.ListPersonPosts, request)
        return shown(feed_views.PostConnection, reply.posts)

    async def post(self, talk: Talk, *, post_id: str) -> feed_views.Post:
        """Return one post. Raises NotFound."""
        reply = await query(talk, self._stub.GetPost, build(feed_pb2.GetPostRequest, post_id=post_id))
        return shown(feed_views.Post, reply.post)

    async def comment(self, talk: Talk, *, comment_id: str) -> feed_views.Comment:
        """Return one comment. Raises NotFound."""
        reply = await query(talk, self._stub.GetComment, build(feed_pb2.GetCommentRequest, comment_id=comment_id))
        return shown(feed_views.Comment, reply.comment)

    async def thread(self, talk: Talk, *, post_id: str, first: int, after: str) -> feed_pb2.GetThreadResponse:
        """Return one post with a page of its comments. Raises NotFound."""
        request = build(feed_pb2.GetThreadRequest, post_id=post_id, first=page_items(first), after=after)
        return shown(feed_pb2.GetThreadResponse, await query(talk, self._stub.GetThread, request))

    async def delivery(self, talk: Talk, *, post_id: str) -> list[feed_views.Delivery]:
        """Return where the caller's post has arrived; nothing about a post of somebody else."""
        return list(
            (await query(talk, self._stub.GetDelivery, build(feed_pb2.GetDeliveryRequest, post_id=post_id))).regions
        )

    async def publish(
        self,
        talk: Talk,
        *,
        key: str,
        body: str,
        group_id: str | None,
        reach: feed_views.Reach.ValueType,
        kind: PostKind.ValueType,
        title: str,
    ) -> feed_views.Post:
        """Publish a post, into that group or into none, and return it."""
        request = build(
            feed_pb2.PublishPostRequest,
            context=command_context(key),
            body=body,
            group_id=optional_id(group_id, field="group_id"),
            reach=reach,
            kind=kind,
            title=title,
        )
        return shown(feed_views.Post, (await command(talk, self._stub.PublishPost, request)).post)

    async def edit_post(self, talk: Talk, *, key: str, post_id: str, body: str, title: str | None) -> feed_views.Post:
        """Give the caller's post another text, and return it; a title that is None stays as it is."""
        request = build(feed_pb2.EditPostRequest, context=command_context(key), post_id=post_id, body=body, title=title)
        return shown(feed_views.Post, (await command(talk, self._stub.EditPost, request)).post)

    async def delete_post(self, talk: Talk, *, key: str, post_id: str) -> str:
        """Delete the caller's post, and return its id."""
        request = build(feed_pb2.DeletePostRequest, context=command_context(key), post_id=post_id)
        return str((await command(talk, self._stub.DeletePost, request)).post_id)

    async def add_comment(self, talk: Talk, *, key: str, post_id: str, body: str, answer: bool) -> feed_views.Comment:
        """Comment on a post or answer a question, and return the comment."""
        request = build(
            feed_pb2.AddCommentRequest, context=command_context(key), post_id=post_id, body=body, answer=answer
        )
        return shown(feed_views.Comment, (await command(talk, self._stub.AddComment, request)).comment)

    async def delete_comment(self, talk: Talk, *, key: str, comment_id: str) -> str:
        """Delete the caller's comment, and return its id."""
        request = build(feed_pb2.DeleteCommentRequest, context=command_context(key), comment_id=comment_id)
        return str((await command(talk, self._stub.DeleteComment, request)).comment_id)

    async def react(self, talk: Talk, *, key: str, target_id: str, emoji: str) -> Target | None:
        """React to a post or a comment, and return it."""
        request = build(feed_pb2.ReactRequest, context=command_context(key), target_id=target_id, emoji=emoji)
        return target_of((await command(talk, self._stub.React, request)).target)

    async def unreact(self, talk: Talk, *, key: str, target_id: str, emoji: str) -> Target | None:
        """Take a reaction back, and return the post or comment."""
        request = build(feed_pb2.UnreactRequest, context=command_context(key), target_id=target_id, emoji=emoji)
        return target_of((await command(talk, self._stub.Unreact, request)).target)

    async def watch_home_feed(self, talk: Talk, *, after: str) -> AsyncGenerator[feed_views.PostEdge, None]:
        """Yield the posts that arrive in the caller's home feed, after that cursor or from now on.

        A stream that breaks is resumed after the last cursor.
        """
        cursor = after or await self._newest_cursor(talk)
        async with aclosing(resumed(lambda: self._watch(talk, cursor))) as edges:
            async for edge in edges:
                cursor = edge.cursor
                yield edge

    async def _newest_cursor(self, talk: Talk) -> str:
        """Return where "from now on" begins, so that a stream that breaks before its first post misses none."""
        page = await self.home_feed(talk, first=1, after="")
        return page.edges[0].cursor if page.edges else ""

    async def _watch(self, talk: Talk, cursor: str) -> AsyncGenerator[feed_views.PostEdge, None]:
        call = self._stub.WatchHomeFeed(build(feed_pb2.WatchHomeFeedRequest, after=cursor), metadata=talk.metadata())
        async with aclosing(stream(call)) as responses:
            async for response in responses:
                yield response.edge


class NetworkClient:
    """The network service, seen from a request."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub: Any = NetworkServiceStub(channel)

    async def network(self, talk: Talk) -> network_views.Network:
        """Return the network as this region sees it."""
        reply = await query(talk, self._stub.GetNetwork, network_pb2.GetNetworkRequest())
        return shown(network_views.Network, reply.network)

    async def order_erasure(self, talk: Talk, *, key: str, person_id: str) -> network_views.Erasure:
        """Have a person erased everywhere, and return how far that has come."""
        request = build(network_pb2.OrderErasureRequest, context=command_context(key), person_id=person_id)
        return shown(network_views.Erasure, (await command(talk, self._stub.OrderErasure, request)).erasure)

    async def erasure(self, talk: Talk, *, erasure_id: str) -> network_views.Erasure:
        """Return the erasure with that id. Raises NotFound."""
        request = build(network_pb2.GetErasureRequest, erasure_id=erasure_id)
        return shown(network_views.Erasure, (await query(talk, self._stub.GetErasure, request)).erasure)

    async def watch(self, talk: Talk) -> AsyncGenerator[network_views.Network, None]:
        """Yield the network now, and whenever it has changed."""
        async with aclosing(resumed(lambda: self._watch(talk))) as networks:
            async for network in networks:
                yield network

    async def _watch(self, talk: Talk) -> AsyncGenerator[network_views.Network, None]:
        call = self._stub.WatchNetwork(network_pb2.WatchNetworkRequest(), metadata=talk.metadata())
        async with aclosing(stream(call)) as responses:
            async for response in responses:
                yield response.network


async def answers(channel: grpc.aio.Channel, method: str) -> bool:
    """Whether the service behind ``channel`` answers: any answer will do, also that nobody has signed in."""
    try:
        await channel.unary_unary(method, None, None)(b"", timeout=limits.READY_SECONDS_MAX)
    except grpc.aio.AioRpcError as error:
        return error.code() in (grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.INVALID_ARGUMENT)
    return True


def target_of(target: feed_pb2.Target) -> Target | None:
    """Return the post or the comment that a target is."""
    kind = target.WhichOneof("kind")
    return getattr(target, kind) if kind else None
