"""The calls that the gateway makes: one for a page, with the caller's token, their position and a deadline.

Every client method takes the ``Talk`` of the request it is made for, and raises a SamverkaError and nothing else. A text
that cannot be sent (a lone surrogate) is Invalid with the field that holds it, before it leaves this process.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import grpc
from google.protobuf.message import Message

from gateway import limits
from gateway.people import later
from samverka.event.v1 import event_pb2
from samverka.feed.v1 import feed_service_pb2 as feed_pb2
from samverka.feed.v1 import feed_views_pb2 as feed_views
from samverka.feed.v1.feed_service_pb2_grpc import FeedServiceStub
from samverka.network.v1 import network_service_pb2 as network_pb2
from samverka.network.v1 import network_views_pb2 as network_views
from samverka.network.v1.network_service_pb2_grpc import NetworkServiceStub
from samverka.profile.v1 import profile_service_pb2 as profile_pb2
from samverka.profile.v1 import profile_views_pb2 as profile_views
from samverka.profile.v1.profile_service_pb2_grpc import ProfileServiceStub
from services.chassis import limits as chassis_limits
from services.chassis.errors import Invalid, Unavailable, from_status
from services.chassis.eventlog.port import Position
from services.chassis.interceptors import behind_events, call_metadata

PROFILE_READS = ("samverka.profile.v1.ProfileService/GetPerson",)
FEED_READS = tuple(
    f"samverka.feed.v1.FeedService/{method}"
    for method in ("GetPost", "GetThread", "GetDelivery", "ListHomeFeed", "ListPersonPosts")
)
NETWORK_READS = tuple(f"samverka.network.v1.NetworkService/{method}" for method in ("GetNetwork", "GetErasure"))
# The service waits for the caller's position before its own time begins.
QUERY_SECONDS_MAX = chassis_limits.CATCH_UP_SECONDS_MAX + chassis_limits.QUERY_SECONDS_MAX

M = TypeVar("M", bound=Message)
T = TypeVar("T")
Target = feed_views.Post | feed_views.Comment


@dataclass(slots=True)
class Talk:
    """What the calls of one request have in common, and what they learn.

    ``after`` is the newest position the caller has seen, ``written`` that of the request's own writes; ``behind`` is how
    many events the answers were short of it.
    """

    token: str
    after: Position | None = None
    written: Position | None = None
    behind: int = 0

    def metadata(self) -> tuple[tuple[str, str], ...]:
        """Return the metadata of the next call."""
        return call_metadata(token=self.token, after=str(self.after) if self.after else "")


class ProfileClient:
    """The profile service, seen from a request."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub: Any = ProfileServiceStub(channel)

    async def sign_in(self, talk: Talk) -> profile_views.Person:
        """Make the caller known; later calls return who is there."""
        reply = await _command(talk, self._stub.SignIn, profile_pb2.SignInRequest())
        return _shown(profile_views.Person, reply.person)

    async def person(self, talk: Talk, *, person_id: str) -> profile_views.Person:
        """Return the person with that id. Raises NotFound."""
        return await self._person(talk, build(profile_pb2.GetPersonRequest, id=person_id))

    async def person_by_handle(self, talk: Talk, *, handle: str) -> profile_views.Person:
        """Return the person of this region with that handle. Raises NotFound."""
        return await self._person(talk, build(profile_pb2.GetPersonRequest, handle=handle))

    async def _person(self, talk: Talk, request: profile_pb2.GetPersonRequest) -> profile_views.Person:
        return _shown(profile_views.Person, (await _query(talk, self._stub.GetPerson, request)).person)

    async def edit(
        self, talk: Talk, *, key: str, name: str | None, title: str | None, about: str | None
    ) -> profile_views.Person:
        """Change what is given of the caller's profile."""
        given = {
            field: value for field, value in (("name", name), ("title", title), ("about", about)) if value is not None
        }
        request = build(profile_pb2.EditProfileRequest, context=_context(key), **given)
        return _shown(profile_views.Person, (await _command(talk, self._stub.EditProfile, request)).person)

    async def follow(self, talk: Talk, *, key: str, person_id: str) -> profile_views.Person:
        """Follow the person, and return them."""
        request = build(profile_pb2.FollowRequest, context=_context(key), person_id=person_id)
        return _shown(profile_views.Person, (await _command(talk, self._stub.Follow, request)).person)

    async def unfollow(self, talk: Talk, *, key: str, person_id: str) -> profile_views.Person:
        """Follow the person no longer, and return them."""
        request = build(profile_pb2.UnfollowRequest, context=_context(key), person_id=person_id)
        return _shown(profile_views.Person, (await _command(talk, self._stub.Unfollow, request)).person)


class FeedClient:
    """The feed service, seen from a request."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub: Any = FeedServiceStub(channel)

    async def home_feed(self, talk: Talk, *, first: int, after: str) -> feed_views.PostConnection:
        """Return a page of the caller's home feed."""
        request = build(feed_pb2.ListHomeFeedRequest, first=_page(first), after=after)
        reply = await _query(talk, self._stub.ListHomeFeed, request)
        return _shown(feed_views.PostConnection, reply.posts)

    async def posts_of(self, talk: Talk, *, person_id: str, first: int, after: str) -> feed_views.PostConnection:
        """Return a page of one person's posts."""
        request = build(feed_pb2.ListPersonPostsRequest, person_id=person_id, first=_page(first), after=after)
        reply = await _query(talk, self._stub.ListPersonPosts, request)
        return _shown(feed_views.PostConnection, reply.posts)

    async def post(self, talk: Talk, *, post_id: str) -> feed_views.Post:
        """Return one post. Raises NotFound."""
        reply = await _query(talk, self._stub.GetPost, build(feed_pb2.GetPostRequest, post_id=post_id))
        return _shown(feed_views.Post, reply.post)

    async def thread(self, talk: Talk, *, post_id: str, first: int, after: str) -> feed_pb2.GetThreadResponse:
        """Return one post with a page of its comments. Raises NotFound."""
        request = build(feed_pb2.GetThreadRequest, post_id=post_id, first=_page(first), after=after)
        return _shown(feed_pb2.GetThreadResponse, await _query(talk, self._stub.GetThread, request))

    async def delivery(self, talk: Talk, *, post_id: str) -> list[feed_views.Delivery]:
        """Return where the caller's post has arrived; nothing about a post of somebody else."""
        return list(
            (await _query(talk, self._stub.GetDelivery, build(feed_pb2.GetDeliveryRequest, post_id=post_id))).regions
        )

    async def publish(self, talk: Talk, *, key: str, body: str) -> feed_views.Post:
        """Publish a post, and return it."""
        request = build(feed_pb2.PublishPostRequest, context=_context(key), body=body)
        return _shown(feed_views.Post, (await _command(talk, self._stub.PublishPost, request)).post)

    async def edit_post(self, talk: Talk, *, key: str, post_id: str, body: str) -> feed_views.Post:
        """Give the caller's post another text, and return it."""
        request = build(feed_pb2.EditPostRequest, context=_context(key), post_id=post_id, body=body)
        return _shown(feed_views.Post, (await _command(talk, self._stub.EditPost, request)).post)

    async def delete_post(self, talk: Talk, *, key: str, post_id: str) -> str:
        """Delete the caller's post, and return its id."""
        request = build(feed_pb2.DeletePostRequest, context=_context(key), post_id=post_id)
        return str((await _command(talk, self._stub.DeletePost, request)).post_id)

    async def add_comment(self, talk: Talk, *, key: str, post_id: str, body: str) -> feed_views.Comment:
        """Comment on a post, and return the comment."""
        request = build(feed_pb2.AddCommentRequest, context=_context(key), post_id=post_id, body=body)
        return _shown(feed_views.Comment, (await _command(talk, self._stub.AddComment, request)).comment)

    async def delete_comment(self, talk: Talk, *, key: str, comment_id: str) -> str:
        """Delete the caller's comment, and return its id."""
        request = build(feed_pb2.DeleteCommentRequest, context=_context(key), comment_id=comment_id)
        return str((await _command(talk, self._stub.DeleteComment, request)).comment_id)

    async def react(self, talk: Talk, *, key: str, target_id: str, emoji: str) -> Target | None:
        """React to a post or a comment, and return it."""
        request = build(feed_pb2.ReactRequest, context=_context(key), target_id=target_id, emoji=emoji)
        return _target((await _command(talk, self._stub.React, request)).target)

    async def unreact(self, talk: Talk, *, key: str, target_id: str, emoji: str) -> Target | None:
        """Take a reaction back, and return the post or comment."""
        request = build(feed_pb2.UnreactRequest, context=_context(key), target_id=target_id, emoji=emoji)
        return _target((await _command(talk, self._stub.Unreact, request)).target)

    async def watch_home_feed(self, talk: Talk, *, after: str) -> AsyncGenerator[feed_views.PostEdge, None]:
        """Yield the posts that arrive in the caller's home feed, after that cursor or from now on.

        A stream that breaks is resumed after the last cursor.
        """
        cursor = after or await self._newest_cursor(talk)
        async with aclosing(_resumed(lambda: self._watch(talk, cursor))) as edges:
            async for edge in edges:
                cursor = edge.cursor
                yield edge

    async def _newest_cursor(self, talk: Talk) -> str:
        """Return where "from now on" begins, so that a stream that breaks before its first post misses none."""
        page = await self.home_feed(talk, first=1, after="")
        return page.edges[0].cursor if page.edges else ""

    async def _watch(self, talk: Talk, cursor: str) -> AsyncGenerator[feed_views.PostEdge, None]:
        call = self._stub.WatchHomeFeed(build(feed_pb2.WatchHomeFeedRequest, after=cursor), metadata=talk.metadata())
        async with aclosing(_stream(call)) as responses:
            async for response in responses:
                yield response.edge


class NetworkClient:
    """The network service, seen from a request."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub: Any = NetworkServiceStub(channel)

    async def network(self, talk: Talk) -> network_views.Network:
        """Return the network as this region sees it."""
        reply = await _query(talk, self._stub.GetNetwork, network_pb2.GetNetworkRequest())
        return _shown(network_views.Network, reply.network)

    async def order_erasure(self, talk: Talk, *, key: str, person_id: str) -> network_views.Erasure:
        """Have a person erased everywhere, and return how far that has come."""
        request = build(network_pb2.OrderErasureRequest, context=_context(key), person_id=person_id)
        return _shown(network_views.Erasure, (await _command(talk, self._stub.OrderErasure, request)).erasure)

    async def erasure(self, talk: Talk, *, erasure_id: str) -> network_views.Erasure:
        """Return the erasure with that id. Raises NotFound."""
        request = build(network_pb2.GetErasureRequest, erasure_id=erasure_id)
        return _shown(network_views.Erasure, (await _query(talk, self._stub.GetErasure, request)).erasure)

    async def watch(self, talk: Talk) -> AsyncGenerator[network_views.Network, None]:
        """Yield the network now, and whenever it has changed."""
        async with aclosing(_resumed(lambda: self._watch(talk))) as networks:
            async for network in networks:
                yield network

    async def _watch(self, talk: Talk) -> AsyncGenerator[network_views.Network, None]:
        call = self._stub.WatchNetwork(network_pb2.WatchNetworkRequest(), metadata=talk.metadata())
        async with aclosing(_stream(call)) as responses:
            async for response in responses:
                yield response.network


async def answers(channel: grpc.aio.Channel, method: str) -> bool:
    """Whether the service behind ``channel`` answers: any answer will do, also that nobody has signed in."""
    try:
        await channel.unary_unary(method, None, None)(b"", timeout=limits.READY_SECONDS_MAX)
    except grpc.aio.AioRpcError as error:
        return error.code() in (grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.INVALID_ARGUMENT)
    return True


def build(kind: type[M], **fields: Any) -> M:
    """Return the message; Invalid if a field cannot hold its value."""
    try:
        return kind(**fields)
    except ValueError as error:
        field = next((name for name, value in fields.items() if isinstance(value, str) and not _is_text(value)), "")
        if field:
            raise _not_text(field) from None
        raise Invalid("That value cannot be used.", code="invalid_value", detail=repr(error)) from None


async def _resumed(watch: Callable[[], AsyncGenerator[T, None]]) -> AsyncGenerator[T, None]:
    """Yield what the streams that ``watch`` opens bring, one after the other.

    One that breaks (a replica is restarted, a connection has lived its time) is followed by the next, with growing pauses;
    Unavailable if that happens RESUMES_WITHOUT_NEWS_MAX times without news in between.
    """
    broken = 0
    while True:
        try:
            async with aclosing(watch()) as items:
                async for item in items:
                    broken = 0
                    yield item
            # A server that ends the stream in order has nothing against being asked again.
            failure = Unavailable("The stream has ended; subscribe again.", code="stream_ended")
        except Unavailable as error:
            failure = error
        broken += 1
        if broken > limits.RESUMES_WITHOUT_NEWS_MAX:
            raise failure
        await asyncio.sleep(min(limits.RESUME_DELAY_SECONDS * 2**broken, limits.RESUME_DELAY_SECONDS_MAX))


async def _stream(call: Any) -> AsyncGenerator[Any, None]:
    """Yield the responses of a stream; a SamverkaError if it ended in one."""
    try:
        async for response in call:
            yield response
    except grpc.aio.AioRpcError as error:
        raise from_status(error) from error
    finally:
        call.cancel()


async def _query(talk: Talk, method: Any, request: Message) -> Any:
    call = method(request, metadata=talk.metadata(), timeout=QUERY_SECONDS_MAX)
    reply = await _reply(call)
    if talk.after is not None:  # only who asked to wait can be told that it was in vain
        talk.behind = max(talk.behind, behind_events(await call.trailing_metadata()))
    return reply


async def _command(talk: Talk, method: Any, request: Message) -> Any:
    reply = await _reply(method(request, metadata=talk.metadata(), timeout=chassis_limits.COMMAND_SECONDS_MAX))
    if reply.position.epoch:
        talk.written = later(Position(reply.position.epoch, reply.position.sequence), talk.written)
        talk.after = later(talk.written, talk.after)
    return reply


async def _reply(call: Awaitable[Any]) -> Any:
    try:
        return await call
    except grpc.aio.AioRpcError as error:
        raise from_status(error) from error


def _context(key: str) -> event_pb2.CommandContext:
    return build(event_pb2.CommandContext, idempotency_key=key)


def _page(first: int) -> int:
    if not 1 <= first <= chassis_limits.PAGE_ITEMS_MAX:
        raise Invalid(f"A page has 1 to {chassis_limits.PAGE_ITEMS_MAX} items.", code="page_size", field="first")
    return first


def _target(target: feed_pb2.Target) -> Target | None:
    kind = target.WhichOneof("kind")
    return getattr(target, kind) if kind else None


def _shown(_kind: type[M], message: Any) -> M:
    """Give the stub's answer its type, which grpc's own stubs do not know."""
    return cast("M", message)


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _not_text(field: str) -> Invalid:
    return Invalid("It holds characters that are not text.", code="control_characters", field=field)
