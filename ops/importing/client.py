"""Sends an import's commands over gRPC, and sends them again for as long as a service is only away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol, TypeVar

import grpc
from google.protobuf.timestamp_pb2 import Timestamp

from ops.importing.limits import (
    CALL_SECONDS_MAX,
    RETRY_DELAY_SECONDS_MAX,
    RETRY_DELAY_SECONDS_MIN,
    RETRY_SECONDS_MAX,
)
from samverka.event.v1 import event_pb2
from samverka.feed.v1 import feed_service_pb2 as feed
from samverka.feed.v1.feed_events_pb2 import POST_KIND_QUESTION
from samverka.feed.v1.feed_service_pb2_grpc import FeedServiceStub
from samverka.profile.v1 import profile_service_pb2 as profile
from samverka.profile.v1.profile_service_pb2_grpc import ProfileServiceStub
from services.chassis.channels import open_channel
from services.chassis.clock import Clock
from services.chassis.errors import (
    Conflict,
    Exhausted,
    NotFound,
    SamverkaError,
    Unauthenticated,
    Unavailable,
    from_status,
)
from services.chassis.interceptors import behind_events, call_metadata

Request_contra = TypeVar("Request_contra", contravariant=True)
Reply_co = TypeVar("Reply_co", covariant=True)
Sleep = Callable[[float], Awaitable[None]]
TokenSource = Callable[[], str]
"""Returns a bearer token that is good for now; asked before every call, so it has to be cheap."""


class _Position(Protocol):
    @property
    def epoch(self) -> str: ...
    @property
    def sequence(self) -> int: ...


class Reply(Protocol):
    """What every command answers with: among others, where the log stood."""

    @property
    def position(self) -> _Position: ...


ReplyT = TypeVar("ReplyT", bound=Reply, covariant=True)


class Method(Protocol[Request_contra, ReplyT]):
    """A unary call of a generated stub."""

    def __call__(
        self, request: Request_contra, *, timeout: float, metadata: tuple[tuple[str, str], ...]
    ) -> Awaitable[ReplyT]: ...


@dataclass(frozen=True, slots=True)
class Authorship:
    """Whose record it is, when it was made, and the key that makes sending it twice harmless."""

    key: str
    person_id: str
    authored_at: datetime

    def part(self, number: int) -> Authorship:
        """Return that of one more part of the record."""
        return replace(self, key=f"{self.key}:{number}")

    def context(self) -> event_pb2.CommandContext:
        at = Timestamp()
        at.FromDatetime(self.authored_at)
        return event_pb2.CommandContext(idempotency_key=self.key, on_behalf_of=self.person_id, authored_at=at)


class Client:
    """One region's profile and feed service, as an importer sees them.

    Every method raises the SamverkaError that the service answered with; Unavailable only after ``RETRY_SECONDS_MAX``.
    """

    def __init__(
        self,
        *,
        profile_channel: grpc.aio.Channel,
        feed_channel: grpc.aio.Channel,
        token: TokenSource,
        clock: Clock,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._profile = ProfileServiceStub(profile_channel)
        self._feed = FeedServiceStub(feed_channel)
        self._token = token
        self._clock = clock
        self._sleep = sleep
        self._reached: dict[str, int] = {}
        self._after = ""

    async def import_person(self, *, key: str, source: str, source_key: str, handle: str, name: str, about: str) -> str:
        """Make a person known and return their id."""
        request = profile.ImportPersonRequest(
            context=event_pb2.CommandContext(idempotency_key=key),
            source=source,
            source_key=source_key,
            handle=handle,
            name=name,
            about=about,
        )
        reply = await self._call(self._profile.ImportPerson, request)
        return reply.person.id

    async def ask(self, authorship: Authorship, *, title: str, body: str) -> str:
        """Publish a question and return its id."""
        request = feed.PublishPostRequest(context=authorship.context(), kind=POST_KIND_QUESTION, title=title, body=body)
        reply = await self._call(self._feed.PublishPost, request)
        return reply.post.id

    async def add_comment(self, authorship: Authorship, post_id: str, body: str, *, answer: bool = False) -> str:
        """Comment on a post, or answer it, and return the comment's id."""
        request = feed.AddCommentRequest(context=authorship.context(), post_id=post_id, body=body, answer=answer)
        reply = await self._call(self._feed.AddComment, request)
        return reply.comment.id

    async def react(self, authorship: Authorship, target_id: str, emoji: str) -> None:
        await self._call(
            self._feed.React, feed.ReactRequest(context=authorship.context(), target_id=target_id, emoji=emoji)
        )

    async def mark_helpful(self, authorship: Authorship, target_id: str) -> None:
        await self._call(
            self._feed.MarkHelpful, feed.MarkHelpfulRequest(context=authorship.context(), target_id=target_id)
        )

    async def accept(self, authorship: Authorship, answer_id: str) -> None:
        await self._call(
            self._feed.AcceptAnswer, feed.AcceptAnswerRequest(context=authorship.context(), comment_id=answer_id)
        )

    def settle(self) -> None:
        """From now on, let every replica first catch up with what has been written so far."""
        self._after = next((f"{epoch}:{sequence}" for epoch, sequence in self._reached.items()), "")

    async def _call(self, method: Method[Request_contra, ReplyT], request: Request_contra) -> ReplyT:
        began_at, delay = self._clock.monotonic_seconds(), RETRY_DELAY_SECONDS_MIN
        while True:
            try:
                metadata = call_metadata(token=self._token(), after=self._after)
                reply = await method(request, timeout=CALL_SECONDS_MAX, metadata=metadata)
            except grpc.aio.AioRpcError as failure:
                error = from_status(failure)
                give_up_at = began_at + _patience_seconds(error, behind=_is_behind(failure))
                if self._clock.monotonic_seconds() + delay > give_up_at:
                    raise error from failure
            else:
                self._note(reply.position)
                return reply
            await self._sleep(delay)
            delay = min(delay * 2, RETRY_DELAY_SECONDS_MAX)

    def _note(self, position: _Position) -> None:
        """Remember the furthest position of the log's latest epoch."""
        if position.epoch not in self._reached:
            self._reached = {position.epoch: 0}
        self._reached[position.epoch] = max(self._reached[position.epoch], position.sequence)


@asynccontextmanager
async def connected(
    *, profile_target: str, feed_target: str, token: TokenSource, clock: Clock, sleep: Sleep = asyncio.sleep
) -> AsyncIterator[Client]:
    """Yield a client of the services at two gRPC targets; nothing is sent before its first command."""
    async with open_channel(profile_target) as profile_channel, open_channel(feed_target) as feed_channel:
        yield Client(profile_channel=profile_channel, feed_channel=feed_channel, token=token, clock=clock, sleep=sleep)


def _is_behind(failure: grpc.aio.AioRpcError) -> bool:
    """Whether the replica that answered had not seen all that was asked of it."""
    return behind_events(failure.trailing_metadata()) > 0  # type: ignore[arg-type]  # pairs, unknown to the stubs


def _patience_seconds(error: SamverkaError, *, behind: bool) -> float:
    """Return how long the same command is worth sending again after ``error``; 0: not at all.

    ``behind`` says that the answer came from a replica that had not seen all that we have, so that what it did not find
    may be there.
    """
    match error:
        case Unavailable() | Unauthenticated(code="token_expired"):  # the token source has a fresh one soon
            return RETRY_SECONDS_MAX
        case Conflict(code="contended") | Exhausted(code="queue_full"):
            return RETRY_SECONDS_MAX
        case NotFound() if behind:
            return RETRY_SECONDS_MAX
    return 0.0
