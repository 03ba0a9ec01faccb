"""Recognition: thanks, badges, and what a person was recognised for."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager
from enum import Enum
from typing import Annotated

import strawberry

from gateway.compiling import computed, one_of_classes
from gateway.rendering import render
from gateway.schema.pages import Info, Node, PageInfo, as_type, field, page_size, subscription
from gateway.schema.profile import Person
from gateway.schema.scalars import DateTime
from samverka.recognition.v1 import recognition_events_pb2 as events
from samverka.recognition.v1 import recognition_views_pb2 as views
from services.chassis.errors import SamverkaError
from services.chassis.ids import region_of


@strawberry.enum(
    description="Who may award a badge: everybody or, if it is official, its awarders; where it names none, the community "
    "managers of its home region."
)
class BadgeKind(Enum):
    PEER = events.BADGE_KIND_PEER
    OFFICIAL = events.BADGE_KIND_OFFICIAL


@strawberry.enum(
    description="Who sees a recognition: everybody in every region or, if it is private, its giver, its receivers and the "
    "receivers' managers."
)
class RecognitionVisibility(Enum):
    PUBLIC = events.VISIBILITY_PUBLIC
    PRIVATE = events.VISIBILITY_PRIVATE


def _kind(badge: strawberry.Parent[views.Badge]) -> BadgeKind:
    return BadgeKind(badge.kind)


def _badge_region(badge: strawberry.Parent[views.Badge]) -> str:
    return region_of(badge.id)


def _monthly_limit(badge: strawberry.Parent[views.Badge]) -> int | None:
    return badge.monthly_limit or None


def _badge_value(badge: strawberry.Parent[views.Badge]) -> str | None:
    return badge.value or None


def _value(recognition: strawberry.Parent[views.Recognition]) -> str | None:
    return recognition.value or None


def _message_html(recognition: strawberry.Parent[views.Recognition]) -> str:
    return render(recognition.message)


def _visibility(recognition: strawberry.Parent[views.Recognition]) -> RecognitionVisibility:
    return RecognitionVisibility(recognition.visibility)


def _given_at(recognition: strawberry.Parent[views.Recognition]) -> DateTime:
    return DateTime(recognition.given_at_ms)


def _badge(recognition: strawberry.Parent[views.Recognition]) -> Badge | None:
    return as_type(Badge, recognition.badge) if recognition.HasField("badge") else None


def _from(statement: strawberry.Parent[views.ReviewStatement]) -> DateTime:
    return DateTime(statement.from_ms)


def _to(statement: strawberry.Parent[views.ReviewStatement]) -> DateTime:
    return DateTime(statement.to_ms)


@contextmanager
def _by_period() -> Iterator[None]:
    """Let errors about the times of a period name the arguments ``from`` and ``to``."""
    try:
        yield
    except SamverkaError as error:
        error.field = error.field.removesuffix("_ms")
        raise


def _recognition(update: strawberry.Parent[views.RecognitionUpdate]) -> Recognition | None:
    return as_type(Recognition, update.recognition) if update.HasField("recognition") else None


@strawberry.type(description="What people may be awarded. It never changes; another one replaces it.")
class Badge(Node):
    is_type_of = one_of_classes(views.Badge)

    id: strawberry.ID
    name: str
    criteria: str = strawberry.field(description="What it is given for: Markdown.")
    kind: BadgeKind = computed(_kind)
    region: str = computed(_badge_region, description="The region that decides on it.")
    value: str | None = computed(_badge_value, description="The company's value that it stands for.")
    monthly_limit: int | None = computed(
        _monthly_limit, description="How many one giver may award in a month; null: as many as they like."
    )
    awarder_ids: list[strawberry.ID] = strawberry.field(description="Who may award it, where it names anybody.")
    retired: bool = strawberry.field(description="Nobody awards it any more.")
    viewer_awarded: int = strawberry.field(
        description="How many you have awarded this month, those that you withdrew too."
    )


@strawberry.type
class BadgeEdge:
    cursor: str
    node: Badge


@strawberry.type
class BadgeConnection:
    edges: list[BadgeEdge]
    page_info: PageInfo


@strawberry.type(description="Thanks, or the award of a badge.")
class Recognition(Node):
    is_type_of = one_of_classes(views.Recognition)

    id: strawberry.ID
    giver: Person
    receivers: list[Person]
    message: str = strawberry.field(description="Markdown.")
    message_html: str = computed(_message_html, description="The message as HTML that is safe to show.")
    value: str | None = computed(_value, description="The company's value that it shows: its own, or its badge's.")
    visibility: RecognitionVisibility = computed(_visibility)
    badge: Badge | None = computed(_badge, description="Null for thanks.")
    given_at: DateTime = computed(_given_at)


@strawberry.type
class RecognitionEdge:
    cursor: str
    node: Recognition


@strawberry.type
class RecognitionConnection:
    edges: list[RecognitionEdge]
    page_info: PageInfo


@strawberry.type
class BadgeTotal:
    badge: Badge
    count: int


@strawberry.type
class ValueTotal:
    value: str
    count: int


@strawberry.type(
    description="What a person was recognised for, public and private, with the evidence for every number."
)
class ReviewStatement:
    person: Person
    from_: DateTime = computed(_from, name="from", description="Inside the period.")
    to: DateTime = computed(_to, description="Where the period ends; not inside.")
    total: int = strawberry.field(description="All thanks and awards that were not withdrawn.")
    thanks: int
    badges: list[BadgeTotal] = strawberry.field(description="The most frequent first.")
    values: list[ValueTotal] = strawberry.field(
        description="By the company's values, thanks and awards together, the most frequent first."
    )
    evidence: RecognitionConnection = strawberry.field(description="All that was counted, latest first.")


@strawberry.type(description="Something that concerns you: you gave it, or you or somebody whom you lead got it.")
class RecognitionUpdate:
    cursor: str
    recognition_id: strawberry.ID
    recognition: Recognition | None = computed(_recognition, description="Null when it was withdrawn.")


@strawberry.type
class RecognitionQuery:
    @field("What people were recognised for, as far as you may see it, latest first: everybody, or who gave or got it.")
    async def recognitions(
        self,
        info: Info,
        person_id: strawberry.ID | None = None,
        first: int | None = 20,
        after: str | None = None,
    ) -> RecognitionConnection | None:
        context = info.context
        page = await context.backend.recognition.recognitions(
            context.talk, person_id=person_id, first=page_size(first), after=after or ""
        )
        return as_type(RecognitionConnection, page)

    @field("The badges of all regions, latest first.")
    async def badges(
        self, info: Info, first: int | None = 20, after: str | None = None, retired_too: bool = False
    ) -> BadgeConnection | None:
        context = info.context
        page = await context.backend.recognition.badges(
            context.talk, first=page_size(first), after=after or "", retired_too=retired_too
        )
        return as_type(BadgeConnection, page)

    @field("What you, or somebody whom you lead, were recognised for from one time to before another.")
    async def review_statement(
        self,
        info: Info,
        from_: Annotated[DateTime, strawberry.argument(name="from")],
        to: DateTime,
        person_id: strawberry.ID | None = None,
        first: int | None = 20,
        after: str | None = None,
    ) -> ReviewStatement | None:
        context = info.context
        with _by_period():
            statement = await context.backend.recognition.statement(
                context.talk,
                person_id=context.viewer.person_id if person_id is None else person_id,
                from_ms=from_,
                to_ms=to,
                first=page_size(first),
                after=after or "",
            )
        return as_type(ReviewStatement, statement)


@strawberry.type
class RecognitionSubscription:
    @subscription(
        "What concerns you as it arrives, after that cursor or from now on: given by you, got by you or by somebody whom "
        "you lead, and what was withdrawn of it; ends when your token does."
    )
    async def recognition_updates(
        self, info: Info, after: str | None = None
    ) -> AsyncGenerator[RecognitionUpdate, None]:
        async with aclosing(info.context.watch_recognitions(after or "")) as updates:
            async for update in updates:
                yield as_type(RecognitionUpdate, update)
