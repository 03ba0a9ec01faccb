"""A region in memory behind real gRPC: it keeps the promises that an import stands on, and fails where it is told to."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import grpc

from samverka.event.v1 import event_pb2
from samverka.feed.v1 import feed_service_pb2 as feed
from samverka.feed.v1 import feed_views_pb2 as feed_views
from samverka.feed.v1.feed_events_pb2 import POST_KIND_QUESTION
from samverka.feed.v1.feed_service_pb2_grpc import FeedServiceServicer, add_FeedServiceServicer_to_server
from samverka.profile.v1 import profile_service_pb2 as profile
from samverka.profile.v1 import profile_views_pb2 as profile_views
from samverka.profile.v1.profile_service_pb2_grpc import ProfileServiceServicer, add_ProfileServiceServicer_to_server
from services.chassis.errors import Conflict, Forbidden, Invalid, NotFound, SamverkaError, Unavailable, to_status
from services.chassis.ids import derive

REGION = "stockholm"
TOKEN = "a-token"
_TURNS = 20
POST_CHARACTERS_MAX = 20_000
COMMENT_CHARACTERS_MAX = 8_000


class Fault(Enum):
    """What goes wrong with a command."""

    LOST = "nothing happens, and the caller is told that something broke"
    UNACKNOWLEDGED = "it happens, and the caller is told that something broke"
    AWAY = "nothing happens, and the caller is told to come again"


FaultAt = Callable[[int], Fault | None]
"""Says what goes wrong with the command of that number, counted from 0 as they arrive."""


def no_fault(_: int) -> Fault | None:
    return None


class Question(NamedTuple):
    author: str
    at_ms: int
    title: str
    body: str


class Comment(NamedTuple):
    author: str
    at_ms: int
    post_id: str
    body: str
    answer: bool


@dataclass
class Region:
    """What the region holds, and what it has seen of its callers."""

    fault_at: FaultAt = no_fault
    people: dict[str, tuple[str, str, str, str, str]] = field(default_factory=dict)
    questions: dict[str, Question] = field(default_factory=dict)
    comments: dict[str, Comment] = field(default_factory=dict)
    reactions: dict[tuple[str, str, str], int] = field(default_factory=dict)
    helpful: dict[tuple[str, str], int] = field(default_factory=dict)
    accepted: dict[str, tuple[str, int]] = field(default_factory=dict)
    receipts: dict[tuple[str, str], bytes] = field(default_factory=dict)
    commands: int = 0
    effects: int = 0
    keys: list[str] = field(default_factory=list)
    in_flight: Counter[str] = field(default_factory=Counter)
    in_flight_max: int = 0
    together: int = 1
    """No command is answered before so many have been under way at once."""
    met: asyncio.Event = field(default_factory=asyncio.Event)
    overtaken: list[str] = field(default_factory=list)
    """Authors of whom two commands were under way at once."""

    def state(self) -> dict[str, Any]:
        """Return all that readers could see, to be compared."""
        return {
            "people": dict(self.people),
            "questions": dict(self.questions),
            "comments": dict(self.comments),
            "reactions": dict(self.reactions),
            "helpful": dict(self.helpful),
            "accepted": dict(self.accepted),
        }

    def question_by(self, title: str) -> tuple[str, Question]:
        """Return the id and content of the one question of that title."""
        [(post_id, question)] = [item for item in self.questions.items() if item[1].title == title]
        return post_id, question

    def comment_by(self, body: str) -> tuple[str, Comment]:
        """Return the id and content of the one comment of that text."""
        [(comment_id, comment)] = [item for item in self.comments.items() if item[1].body == body]
        return comment_id, comment

    async def carry_out(self, actor: str, request: Any, context: Any, effect: Callable[[], None]) -> None:
        """Let ``effect`` happen once for the actor's idempotency key, unless a fault is due."""
        number, self.commands = self.commands, self.commands + 1
        if self.in_flight[actor]:
            self.overtaken.append(actor)
        self.in_flight[actor] += 1
        self.in_flight_max = max(self.in_flight_max, self.in_flight.total())
        if self.in_flight.total() >= self.together:
            self.met.set()
        try:
            await asyncio.wait_for(self.met.wait(), 60)
            for _ in range(_TURNS):  # as every real command waits for something, and others may come in meanwhile
                await asyncio.sleep(0)
            await self._carry_out(number, actor, request, effect)
        except SamverkaError as error:
            await context.abort(*to_status(error))
        finally:
            self.in_flight[actor] -= 1

    async def _carry_out(self, number: int, actor: str, request: Any, effect: Callable[[], None]) -> None:
        fault = self.fault_at(number)
        if fault is Fault.AWAY:
            raise Unavailable("The log does not answer.", code="log_unavailable")
        if fault is Fault.LOST:
            raise SamverkaError("Something went wrong on our side.")
        key, asked = request.context.idempotency_key, _asked(request)
        self.keys.append(key)
        if not key:
            raise Invalid("The tests want a key.", field="idempotency_key")
        receipt = self.receipts.get((actor, key))
        if receipt not in (None, asked):
            raise Conflict("That key was used for another request.", code="idempotency_key_reused")
        if receipt is None:
            effect()
            self.effects += 1
            self.receipts[actor, key] = asked
        if fault is Fault.UNACKNOWLEDGED:
            raise SamverkaError("Something went wrong on our side.")

    def position(self) -> event_pb2.Position:
        return event_pb2.Position(epoch="e1", sequence=self.effects)

    def require_person(self, person_id: str) -> None:
        if person_id not in self.people:
            raise NotFound("Sign in first.", code="person_not_found")

    def require_of_others(self, target_id: str, actor: str) -> None:
        target = self.questions.get(target_id) or self.comments.get(target_id)
        if target is None:
            raise NotFound("There is no such post or comment.", code="target_not_found", field="target_id")
        if target.author == actor:
            raise Forbidden("It is your own.", code="own_content", field="target_id")


# Methods that imports never call stay unimplemented, which the stubs take for abstract.
_ProfileBase: Any = ProfileServiceServicer
_FeedBase: Any = FeedServiceServicer


class FakeProfile(_ProfileBase):  # type: ignore[misc]
    def __init__(self, region: Region) -> None:
        self._region = region

    async def ImportPerson(self, request: profile.ImportPersonRequest, context: Any) -> profile.ImportPersonResponse:
        await _require_importer(context)
        region, person_id = self._region, derive(REGION, "imported", request.source, request.source_key)

        def appear() -> None:
            if not request.name:
                raise Invalid("It must not be empty.", code="empty", field="name")
            region.people.setdefault(
                person_id, (request.source, request.source_key, request.handle, request.name, request.about)
            )

        await region.carry_out(person_id, request, context, appear)
        person = profile_views.Person(id=person_id, handle=request.handle, name=request.name)
        return profile.ImportPersonResponse(person=person, position=region.position())


class FakeFeed(_FeedBase):  # type: ignore[misc]
    def __init__(self, region: Region) -> None:
        self._region = region

    async def PublishPost(self, request: feed.PublishPostRequest, context: Any) -> feed.PublishPostResponse:
        await _require_importer(context)
        region, actor = self._region, request.context.on_behalf_of
        post_id = derive(REGION, actor, "post", request.context.idempotency_key)

        def publish() -> None:
            region.require_person(actor)
            _require_length(request.body, POST_CHARACTERS_MAX)
            assert request.kind == POST_KIND_QUESTION
            assert post_id not in region.questions
            region.questions[post_id] = Question(actor, _at_ms(request), request.title, request.body)

        await region.carry_out(actor, request, context, publish)
        return feed.PublishPostResponse(post=feed_views.Post(id=post_id), position=region.position())

    async def AddComment(self, request: feed.AddCommentRequest, context: Any) -> feed.AddCommentResponse:
        await _require_importer(context)
        region, actor = self._region, request.context.on_behalf_of
        comment_id = derive(REGION, actor, "comment", request.context.idempotency_key)

        def add() -> None:
            region.require_person(actor)
            if request.post_id not in region.questions:
                raise NotFound("There is no such post.", code="post_not_found", field="post_id")
            _require_length(request.body, POST_CHARACTERS_MAX if request.answer else COMMENT_CHARACTERS_MAX)
            assert comment_id not in region.comments
            at_ms = _at_ms(request)
            region.comments[comment_id] = Comment(actor, at_ms, request.post_id, request.body, request.answer)

        await region.carry_out(actor, request, context, add)
        return feed.AddCommentResponse(comment=feed_views.Comment(id=comment_id), position=region.position())

    async def React(self, request: feed.ReactRequest, context: Any) -> feed.ReactResponse:
        await _require_importer(context)
        region, actor = self._region, request.context.on_behalf_of

        def react() -> None:
            region.require_person(actor)
            region.require_of_others(request.target_id, actor)
            region.reactions[actor, request.target_id, request.emoji] = _at_ms(request)

        await region.carry_out(actor, request, context, react)
        return feed.ReactResponse(position=region.position())

    async def MarkHelpful(self, request: feed.MarkHelpfulRequest, context: Any) -> feed.MarkHelpfulResponse:
        await _require_importer(context)
        region, actor = self._region, request.context.on_behalf_of

        def mark() -> None:
            region.require_person(actor)
            region.require_of_others(request.target_id, actor)
            region.helpful[actor, request.target_id] = _at_ms(request)

        await region.carry_out(actor, request, context, mark)
        return feed.MarkHelpfulResponse(position=region.position())

    async def AcceptAnswer(self, request: feed.AcceptAnswerRequest, context: Any) -> feed.AcceptAnswerResponse:
        await _require_importer(context)
        region, actor = self._region, request.context.on_behalf_of

        def accept() -> None:
            answer = region.comments[request.comment_id]
            assert answer.answer
            if region.questions[answer.post_id].author != actor:
                raise Forbidden("Only who asked may do that.", code="not_asker")
            region.accepted[answer.post_id] = (request.comment_id, _at_ms(request))

        await region.carry_out(actor, request, context, accept)
        return feed.AcceptAnswerResponse(position=region.position())


@asynccontextmanager
async def serving(region: Region) -> AsyncIterator[str]:
    """Serve the region and yield its gRPC target."""

    def add(server: grpc.aio.Server) -> None:
        add_ProfileServiceServicer_to_server(FakeProfile(region), server)
        add_FeedServiceServicer_to_server(FakeFeed(region), server)

    async with listening(add) as target:
        yield target


@asynccontextmanager
async def listening(add_services: Callable[[grpc.aio.Server], None]) -> AsyncIterator[str]:
    """Run a server on a socket of its own and yield its gRPC target.

    A port would not do: gRPC lets channels of one process share a connection by address, so that a server on a port that
    was free again would be met with the refusals of the one before it.
    """
    with TemporaryDirectory() as folder:
        target = f"unix:{folder}/grpc"
        server = grpc.aio.server()
        add_services(server)
        server.add_insecure_port(target)
        await server.start()
        try:
            yield target
        finally:
            await server.stop(grace=None)


async def _require_importer(context: Any) -> None:
    if ("authorization", f"Bearer {TOKEN}") not in tuple(context.invocation_metadata()):
        await context.abort(*to_status(Forbidden("That needs the role importer.")))


def _require_length(body: str, characters_max: int) -> None:
    if not 0 < len(body) <= characters_max:
        raise Invalid("It is empty or too long.", code="too_long", field="body")


def _at_ms(request: Any) -> int:
    return int(request.context.authored_at.ToMilliseconds())


def _asked(request: Any) -> bytes:
    asked = type(request)()
    asked.CopyFrom(request)
    asked.ClearField("context")
    return bytes(asked.SerializeToString(deterministic=True))
