"""The stand-in of the recognition service, and what it answers with."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from samverka.feed.v1 import feed_views_pb2 as feed_views
from samverka.recognition.v1 import recognition_events_pb2 as recognition_events
from samverka.recognition.v1 import recognition_service_pb2 as recognition_pb2
from samverka.recognition.v1 import recognition_views_pb2 as recognition_views
from samverka.recognition.v1.recognition_service_pb2_grpc import (
    RecognitionServiceServicer,
)
from services.chassis.errors import NotFound, SamverkaError
from services.chassis.ids import derive
from tests.gateway.fakes.answering import EPOCH, REGION, Fake, answers_with, refuse
from tests.gateway.fakes.profile import person_id


def party(handle: str) -> recognition_views.Party:
    return recognition_views.Party(id=person_id(handle), handle=handle, name=handle.title(), region=REGION)


def badge(**changes: Any) -> recognition_views.Badge:
    fields: dict[str, Any] = {
        "id": derive(REGION, "badge"),
        "name": "Hand",
        "criteria": "For *help*.",
        "kind": recognition_events.BADGE_KIND_PEER,
        "value": "Care",
        "monthly_limit": 3,
        "viewer_awarded": 1,
    }
    return recognition_views.Badge(**(fields | changes))


def recognition(number: int, *, with_badge: bool = False) -> recognition_views.Recognition:
    return recognition_views.Recognition(
        id=derive(REGION, "recognition", str(number)),
        giver=party("ann"),
        receivers=[party("bo")],
        message="Thank *you*",
        value="Care" if with_badge else "",
        visibility=recognition_events.VISIBILITY_PRIVATE if with_badge else recognition_events.VISIBILITY_PUBLIC,
        badge=badge() if with_badge else None,
        given_at_ms=1_700_000_000_123,
    )


def recognitions() -> recognition_views.RecognitionConnection:
    edges = [
        recognition_views.RecognitionEdge(cursor=f"{EPOCH}:{n}", node=recognition(n, with_badge=n == 1)) for n in (2, 1)
    ]
    return recognition_views.RecognitionConnection(edges=edges, page_info=feed_views.PageInfo(has_next_page=True))


def _recognition_found(_fake: Any, request: Any) -> recognition_pb2.GetRecognitionResponse:
    if request.recognition_id != derive(REGION, "recognition", "1"):
        raise NotFound("There is no such recognition.", code="recognition_not_found", field="recognition_id")
    return recognition_pb2.GetRecognitionResponse(recognition=recognition(1, with_badge=True))


def _badge_found(_fake: Any, request: Any) -> recognition_pb2.GetBadgeResponse:
    if request.badge_id != badge().id:
        raise NotFound("There is no such badge.", code="badge_not_found", field="badge_id")
    return recognition_pb2.GetBadgeResponse(badge=badge())


def _statement(_fake: Any, request: Any) -> recognition_pb2.GetReviewStatementResponse:
    statement = recognition_views.ReviewStatement(
        person=party("bo"),
        from_ms=request.from_ms,
        to_ms=request.to_ms,
        total=2,
        thanks=1,
        badges=[recognition_views.BadgeTotal(badge=badge(), count=1)],
        values=[recognition_views.ValueTotal(value="Care", count=1)],
        evidence=recognitions(),
    )
    return recognition_pb2.GetReviewStatementResponse(statement=statement)


class FakeRecognition(Fake, RecognitionServiceServicer):
    """A recognition service with one badge; what it tells watchers comes out of ``arriving``: whether it was withdrawn."""

    GetRecognition = answers_with("GetRecognition", _recognition_found)
    GetBadge = answers_with("GetBadge", _badge_found)
    GetReviewStatement = answers_with("GetReviewStatement", _statement)
    ListRecognitions = answers_with(
        "ListRecognitions",
        lambda fake, request: recognition_pb2.ListRecognitionsResponse(recognitions=recognitions()),
    )
    ListBadges = answers_with(
        "ListBadges",
        lambda fake, request: recognition_pb2.ListBadgesResponse(
            badges=recognition_views.BadgeConnection(
                edges=[recognition_views.BadgeEdge(cursor=f"{EPOCH}:1", node=badge())]
            )
        ),
    )
    GiveThanks = answers_with(
        "GiveThanks",
        lambda fake, request: recognition_pb2.GiveThanksResponse(recognition=recognition(2), position=fake.position()),
    )
    AwardBadge = answers_with(
        "AwardBadge",
        lambda fake, request: recognition_pb2.AwardBadgeResponse(
            recognition=recognition(1, with_badge=True), position=fake.position()
        ),
    )
    WithdrawRecognition = answers_with(
        "WithdrawRecognition",
        lambda fake, request: recognition_pb2.WithdrawRecognitionResponse(
            recognition_id=request.recognition_id, position=fake.position()
        ),
    )
    DefineBadge = answers_with(
        "DefineBadge",
        lambda fake, request: recognition_pb2.DefineBadgeResponse(badge=badge(), position=fake.position()),
    )
    RetireBadge = answers_with(
        "RetireBadge",
        lambda fake, request: recognition_pb2.RetireBadgeResponse(badge=badge(retired=True), position=fake.position()),
    )

    def __init__(self) -> None:
        super().__init__()
        self.arriving: asyncio.Queue[bool | SamverkaError] = asyncio.Queue()

    async def WatchRecognitions(self, request: Any, context: Any) -> AsyncIterator[Any]:
        await self.begin("WatchRecognitions", request, context)
        yield recognition_pb2.WatchRecognitionsResponse(begins_after=request.after or f"{EPOCH}:1")
        while True:
            told = await self.arriving.get()
            if isinstance(told, SamverkaError):
                await refuse(context, told)
            else:
                given = recognition(2)
                update = recognition_views.RecognitionUpdate(
                    cursor=f"{EPOCH}:2", recognition_id=given.id, recognition=None if told else given
                )
                yield recognition_pb2.WatchRecognitionsResponse(update=update)
