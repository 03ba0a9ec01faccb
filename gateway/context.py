"""What one request has: who asks, the clients, the position to read after, and what it has fetched already."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, TypeVar

from gateway import limits
from gateway.calls import Talk
from gateway.clients import FeedClient, NetworkClient, ProfileClient
from gateway.group_client import GroupClient
from gateway.limits import RateLimiter, Subscriptions
from gateway.member_client import MemberClient
from gateway.meters import Meters
from gateway.people import KnownPeople, Positions, Shared
from gateway.question_client import QuestionClient
from gateway.recognition_client import RecognitionClient
from gateway.search_client import SearchClient
from gateway.watch_client import WatchClient
from samverka.feed.v1 import feed_views_pb2 as feed_views
from samverka.network.v1 import network_views_pb2 as network_views
from samverka.profile.v1 import profile_views_pb2 as profile_views
from samverka.recognition.v1 import recognition_views_pb2 as recognition_views
from services.chassis.auth import Caller
from services.chassis.clock import Clock
from services.chassis.errors import NotFound, Unauthenticated
from services.chassis.eventlog.port import Position
from services.chassis.ids import Ids
from services.chassis.interceptors import AFTER_KEY

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Backend:
    """What all requests share."""

    profile: ProfileClient
    feed: FeedClient
    network: NetworkClient
    groups: GroupClient
    members: MemberClient
    search: SearchClient
    recognition: RecognitionClient
    questions: QuestionClient
    watches: WatchClient
    known_people: KnownPeople
    positions: Positions
    subscriptions: Subscriptions
    rate_limiter: RateLimiter
    meters: Meters
    ids: Ids
    clock: Clock


@dataclass(slots=True)
class Context:
    """What one operation has; on a WebSocket, each of its operations gets a ``fresh`` one.

    ``caller`` is None only for introspection in development.
    """

    backend: Backend
    caller: Caller | None = None
    talk: Talk = field(default_factory=lambda: Talk(token=""))
    connection_params: dict[str, Any] | None = None
    handshake: Mapping[str, str] = field(default_factory=dict)
    """The headers that a WebSocket was opened with, and what its ``connection_init`` carried."""
    threads: dict[tuple[str, int, str], feed_views.CommentConnection] = field(default_factory=dict)
    """Pages of comments that came with their post: by post, first and after."""
    _groups: Shared[str, feed_views.Group] = field(default_factory=Shared)
    _people: dict[str, profile_views.Person | None] = field(default_factory=dict)
    _fetching: Shared[str, profile_views.Person | None] = field(default_factory=Shared)
    _slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(limits.PEOPLE_FETCHED_AT_ONCE_MAX))

    def fresh(self) -> Context:
        """Return a context for the next operation of the same caller."""
        return open_context(self.backend, self.caller, after=self.talk.after)

    @property
    def viewer(self) -> Caller:
        """Who asks; Unauthenticated if nobody has signed in."""
        if self.caller is None:
            raise Unauthenticated("Sign in first.", code="token_missing")
        return self.caller

    def check_token(self) -> None:
        """Raise Unauthenticated if the caller's token has expired meanwhile."""
        if self.seconds_left() <= 0:
            raise Unauthenticated("The token has expired; sign in again.", code="token_expired")

    def seconds_left(self) -> float:
        """Return how long the caller's token is still good."""
        return self.viewer.expires_at - self.backend.clock.wall_ms() / 1000

    async def make_known(self) -> None:
        """Make the caller known to the node, if that has not happened yet."""
        caller = self.viewer
        await self.backend.known_people.ensure(caller.person_id, self._sign_in)

    def remember_position(self) -> None:
        """Keep what the operation's writes were answered with, for the caller's next request."""
        if self.caller is not None and self.talk.written is not None:
            self.backend.positions.remember(self.caller.person_id, self.talk.written)

    async def me(self) -> profile_views.Person:
        """Return the caller's profile; they are made known again if the node has lost them."""
        person_id = self.viewer.person_id
        try:
            return await self.backend.profile.person(self.talk, person_id=person_id)
        except NotFound:
            self.backend.known_people.forget(person_id)
            await self.make_known()
            return await self.backend.profile.person(self.talk, person_id=person_id)

    async def person(self, person_id: str) -> profile_views.Person | None:
        """Return the person, fetched once for the whole request; None if profile does not know them."""
        if person_id not in self._people:
            self._people[person_id] = await self._fetching.run(person_id, lambda: self._fetch(person_id))
        return self._people[person_id]

    async def group(self, group_id: str) -> feed_views.Group:
        """Return the group, fetched once for all who ask at the same time. Raises NotFound."""
        groups = self.backend.groups
        return await self._groups.run(group_id, lambda: groups.group(self.talk, group_id=group_id))

    async def watch_home_feed(self, after: str) -> AsyncGenerator[feed_views.PostEdge, None]:
        """Yield what arrives in the caller's home feed until their token expires, which raises Unauthenticated."""
        async with aclosing(self._watch(self.backend.feed.watch_home_feed(self.talk, after=after))) as edges:
            async for edge in edges:
                yield edge

    async def watch_group(self, group_id: str, after: str) -> AsyncGenerator[feed_views.PostEdge, None]:
        """Yield what is posted into a group until the caller's token expires, which raises Unauthenticated."""
        items = self.backend.watches.group(self.talk, group_id=group_id, after=after)
        async with aclosing(self._watch(items)) as edges:
            async for edge in edges:
                yield edge

    async def watch_thread(self, post_id: str, after: str) -> AsyncGenerator[feed_views.CommentEdge, None]:
        """Yield what is written below a post until the caller's token expires, which raises Unauthenticated."""
        items = self.backend.watches.thread(self.talk, post_id=post_id, after=after)
        async with aclosing(self._watch(items)) as edges:
            async for edge in edges:
                yield edge

    async def watch_network(self) -> AsyncGenerator[network_views.Network, None]:
        """Yield the network now and whenever it has changed, until the token expires, which raises Unauthenticated."""
        async with aclosing(self._watch(self.backend.network.watch(self.talk))) as networks:
            async for network in networks:
                yield network

    async def watch_recognitions(self, after: str) -> AsyncGenerator[recognition_views.RecognitionUpdate, None]:
        """Yield what concerns the caller until their token expires, which raises Unauthenticated."""
        async with aclosing(self._watch(self.backend.recognition.watch(self.talk, after=after))) as updates:
            async for update in updates:
                yield update

    async def _watch(self, items: AsyncGenerator[T, None]) -> AsyncGenerator[T, None]:
        with self.backend.subscriptions.hold(self.viewer.person_id):
            async with aclosing(items):
                async for item in self._until_token_expires(items):
                    yield item

    async def _until_token_expires(self, edges: AsyncGenerator[T, None]) -> AsyncGenerator[T, None]:
        while True:
            try:
                async with asyncio.timeout(max(0.0, self.seconds_left())):
                    edge = await anext(edges)
            except TimeoutError:
                self.check_token()  # raises: the time was the token's
                raise
            except StopAsyncIteration:
                return
            yield edge

    async def _sign_in(self) -> None:
        await self.backend.profile.sign_in(self.talk)
        self.remember_position()

    async def _fetch(self, person_id: str) -> profile_views.Person | None:
        async with self._slots:
            try:
                return await self.backend.profile.person(self.talk, person_id=person_id)
            except NotFound:
                return None


def open_context(backend: Backend, caller: Caller | None, *, after: Position | None = None) -> Context:
    """Return the context of a request; ``after`` is the position that the client says it has seen."""
    if caller is None:
        return Context(backend=backend)
    seen = backend.positions.after(caller.person_id, after)
    return Context(backend=backend, caller=caller, talk=Talk(token=caller.token, after=seen))


def parse_after(header: str) -> Position | None:
    """Return the position in the request header ``samverka-after``; None without one. Raises Invalid."""
    return Position.parse(header, field=AFTER_KEY) if header else None
