"""The client sends a command again while that can help, and not longer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from ops.importing.client import Authorship, Client, connected
from ops.importing.limits import RETRY_SECONDS_MAX
from samverka.event.v1.event_pb2 import Position
from samverka.feed.v1 import feed_service_pb2 as feed
from samverka.feed.v1 import feed_views_pb2 as views
from samverka.feed.v1.feed_service_pb2_grpc import FeedServiceServicer, add_FeedServiceServicer_to_server
from services.chassis.errors import (
    Conflict,
    Exhausted,
    Forbidden,
    Gone,
    Invalid,
    NotFound,
    SamverkaError,
    Unauthenticated,
    Unavailable,
    to_status,
)
from tests.ops.importing.fakes import listening
from tests.ops.importing.runs import Patience

BEHIND = (("samverka-behind", "3"),)
AUTHORSHIP = Authorship("stackexchange:ale:post:1", "stockholm_A", datetime(2014, 1, 21, tzinfo=UTC))


_FeedBase: Any = FeedServiceServicer  # methods that are not scripted stay unimplemented


class Scripted(_FeedBase):  # type: ignore[misc]
    """Answers each PublishPost with the next of ``errors``, then with a post."""

    def __init__(self, *errors: SamverkaError, trailing: tuple[tuple[str, str], ...] = ()) -> None:
        self._errors = list(errors)
        self._trailing = trailing
        self.requests: list[tuple[feed.PublishPostRequest, dict[str, Any]]] = []

    async def PublishPost(self, request: feed.PublishPostRequest, context: Any) -> feed.PublishPostResponse:
        self.requests.append((request, dict(context.invocation_metadata())))
        if self._errors:
            status, message, details = to_status(self._errors.pop(0))
            await context.abort(status, message, (*details, *self._trailing))
        position = Position(epoch="e1", sequence=len(self.requests))
        return feed.PublishPostResponse(post=views.Post(id="stockholm_P"), position=position)


@asynccontextmanager
async def client_of(
    servicer: Scripted, patience: Patience, token: Callable[[], str] = lambda: "t"
) -> AsyncIterator[Client]:
    async with (
        listening(lambda server: add_FeedServiceServicer_to_server(servicer, server)) as target,
        connected(
            profile_target=target, feed_target=target, token=token, clock=patience.clock, sleep=patience.sleep
        ) as client,
    ):
        yield client


async def test_a_command_carries_its_key_its_author_its_time_and_a_token() -> None:
    servicer = Scripted()
    async with client_of(servicer, Patience()) as client:
        assert await client.ask(AUTHORSHIP, title="Hello", body="Hello") == "stockholm_P"
    [(request, metadata)] = servicer.requests
    assert request.body == "Hello"
    assert request.context.idempotency_key == "stackexchange:ale:post:1"
    assert request.context.on_behalf_of == "stockholm_A"
    assert request.context.authored_at.ToDatetime(UTC) == AUTHORSHIP.authored_at
    assert metadata["authorization"] == "Bearer t"
    assert "samverka-after" not in metadata


async def test_after_settling_replicas_are_told_how_far_we_have_seen() -> None:
    servicer = Scripted()
    async with client_of(servicer, Patience()) as client:
        await client.ask(AUTHORSHIP, title="One", body="One")
        await client.ask(AUTHORSHIP, title="Two", body="Two")
        client.settle()
        await client.ask(AUTHORSHIP, title="Three", body="Three")
    assert servicer.requests[2][1]["samverka-after"] == "e1:2"


@pytest.mark.parametrize(
    "error",
    [
        Unavailable("Later.", code="log_unavailable"),
        Conflict("Again.", code="contended"),
        Exhausted("Later.", code="queue_full"),
        Unauthenticated("Too old.", code="token_expired"),
    ],
)
async def test_what_may_pass_is_tried_again_with_the_same_key(error: SamverkaError) -> None:
    servicer, patience = Scripted(error, error, error), Patience()
    async with client_of(servicer, patience) as client:
        await client.ask(AUTHORSHIP, title="Hello", body="Hello")
    assert len({request.context.idempotency_key for request, _ in servicer.requests}) == 1
    assert patience.slept == [0.1, 0.2, 0.4]


@pytest.mark.parametrize(
    "error",
    [
        Invalid("No.", code="too_long"),
        Conflict("Other.", code="idempotency_key_reused"),
        Exhausted("Too large.", code="too_large"),
        NotFound("Nowhere.", code="post_not_found"),
        Gone("Deleted since."),
        Forbidden("No."),
        Unauthenticated("No.", code="token_signature"),
        SamverkaError("Something went wrong on our side."),
    ],
)
async def test_what_stays_wrong_is_raised_at_once(error: SamverkaError) -> None:
    servicer, patience = Scripted(error), Patience()
    async with client_of(servicer, patience) as client:
        with pytest.raises(type(error)) as caught:
            await client.ask(AUTHORSHIP, title="Hello", body="Hello")
    assert caught.value.code == error.code
    assert patience.slept == []


async def test_what_a_replica_that_is_behind_does_not_find_is_asked_for_again() -> None:
    servicer, patience = Scripted(NotFound("Nowhere.", code="post_not_found"), trailing=BEHIND), Patience()
    async with client_of(servicer, patience) as client:
        assert await client.ask(AUTHORSHIP, title="Hello", body="Hello") == "stockholm_P"
    assert patience.slept == [0.1]


async def test_patience_ends() -> None:
    servicer, patience = Scripted(*[Unavailable("Later.", code="away")] * 100), Patience()
    async with client_of(servicer, patience) as client:
        with pytest.raises(Unavailable):
            await client.ask(AUTHORSHIP, title="Hello", body="Hello")
    assert RETRY_SECONDS_MAX - 5 < sum(patience.slept) <= RETRY_SECONDS_MAX
    assert max(patience.slept) <= 5


async def test_a_token_is_asked_for_before_every_try() -> None:
    tokens = iter(("old", "new"))
    servicer = Scripted(Unauthenticated("Too old.", code="token_expired"))
    async with client_of(servicer, Patience(), token=lambda: next(tokens)) as client:
        await client.ask(AUTHORSHIP, title="Hello", body="Hello")
    assert [metadata["authorization"] for _, metadata in servicer.requests] == ["Bearer old", "Bearer new"]


async def test_nobody_at_the_target_is_unavailable() -> None:
    patience = Patience()
    async with connected(
        profile_target="ipv4:127.0.0.1:1",
        feed_target="ipv4:127.0.0.1:1",
        token=lambda: "t",
        clock=patience.clock,
        sleep=patience.sleep,
    ) as client:
        with pytest.raises(Unavailable):
            await asyncio.wait_for(client.ask(AUTHORSHIP, title="Hello", body="Hello"), 120)
