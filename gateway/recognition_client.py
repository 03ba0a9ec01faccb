"""The recognition service, seen from a request."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any

import grpc

from gateway.calls import Talk, build, command, command_context, optional_id, page_items, query, resumed, shown, stream
from samverka.recognition.v1 import recognition_service_pb2 as pb
from samverka.recognition.v1 import recognition_views_pb2 as views
from samverka.recognition.v1.recognition_events_pb2 import BadgeKind, Visibility
from samverka.recognition.v1.recognition_service_pb2_grpc import RecognitionServiceStub

RECOGNITION_READS = tuple(
    f"samverka.recognition.v1.RecognitionService/{method}"
    for method in ("GetRecognition", "ListRecognitions", "GetBadge", "ListBadges", "GetReviewStatement")
)


class RecognitionClient:
    """Thanks, badges and statements; errors are those of the other clients."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub: Any = RecognitionServiceStub(channel)

    async def recognition(self, talk: Talk, *, recognition_id: str) -> views.Recognition:
        """Return one that the caller sees. Raises NotFound."""
        request = build(pb.GetRecognitionRequest, recognition_id=recognition_id)
        return shown(views.Recognition, (await query(talk, self._stub.GetRecognition, request)).recognition)

    async def recognitions(
        self, talk: Talk, *, person_id: str | None, first: int, after: str
    ) -> views.RecognitionConnection:
        """Return a page of what the caller sees, of one person or of everybody."""
        person = optional_id(person_id, field="person_id")
        request = build(pb.ListRecognitionsRequest, person_id=person, first=page_items(first), after=after)
        reply = await query(talk, self._stub.ListRecognitions, request)
        return shown(views.RecognitionConnection, reply.recognitions)

    async def badge(self, talk: Talk, *, badge_id: str) -> views.Badge:
        """Return one badge. Raises NotFound."""
        request = build(pb.GetBadgeRequest, badge_id=badge_id)
        return shown(views.Badge, (await query(talk, self._stub.GetBadge, request)).badge)

    async def badges(self, talk: Talk, *, first: int, after: str, retired_too: bool) -> views.BadgeConnection:
        """Return a page of badges."""
        request = build(pb.ListBadgesRequest, first=page_items(first), after=after, retired_too=retired_too)
        return shown(views.BadgeConnection, (await query(talk, self._stub.ListBadges, request)).badges)

    async def statement(
        self, talk: Talk, *, person_id: str, from_ms: int, to_ms: int, first: int, after: str
    ) -> views.ReviewStatement:
        """Return the statement about the caller or somebody whom they lead, with a page of its evidence."""
        request = build(
            pb.GetReviewStatementRequest,
            person_id=person_id,
            from_ms=from_ms,
            to_ms=to_ms,
            first=page_items(first),
            after=after,
        )
        return shown(views.ReviewStatement, (await query(talk, self._stub.GetReviewStatement, request)).statement)

    async def thank(
        self,
        talk: Talk,
        *,
        key: str,
        receiver_ids: Sequence[str],
        message: str,
        value: str,
        visibility: Visibility.ValueType,
    ) -> views.Recognition:
        """Thank people, and return what they were thanked with."""
        request = build(
            pb.GiveThanksRequest,
            context=command_context(key),
            receiver_ids=receiver_ids,
            message=message,
            value=value,
            visibility=visibility,
        )
        return shown(views.Recognition, (await command(talk, self._stub.GiveThanks, request)).recognition)

    async def award(
        self,
        talk: Talk,
        *,
        key: str,
        badge_id: str,
        receiver_id: str,
        message: str,
        visibility: Visibility.ValueType,
    ) -> views.Recognition:
        """Award a badge, and return the award."""
        request = build(
            pb.AwardBadgeRequest,
            context=command_context(key),
            badge_id=badge_id,
            receiver_id=receiver_id,
            message=message,
            visibility=visibility,
        )
        return shown(views.Recognition, (await command(talk, self._stub.AwardBadge, request)).recognition)

    async def withdraw(self, talk: Talk, *, key: str, recognition_id: str) -> str:
        """Withdraw what the caller gave, and return its id."""
        request = build(pb.WithdrawRecognitionRequest, context=command_context(key), recognition_id=recognition_id)
        return str((await command(talk, self._stub.WithdrawRecognition, request)).recognition_id)

    async def define(
        self,
        talk: Talk,
        *,
        key: str,
        name: str,
        criteria: str,
        kind: BadgeKind.ValueType,
        value: str,
        monthly_limit: int,
        awarder_ids: Sequence[str],
    ) -> views.Badge:
        """Define a badge, and return it."""
        request = build(
            pb.DefineBadgeRequest,
            context=command_context(key),
            name=name,
            criteria=criteria,
            kind=kind,
            value=value,
            monthly_limit=monthly_limit,
            awarder_ids=awarder_ids,
        )
        return shown(views.Badge, (await command(talk, self._stub.DefineBadge, request)).badge)

    async def retire(self, talk: Talk, *, key: str, badge_id: str) -> views.Badge:
        """Retire a badge, and return it."""
        request = build(pb.RetireBadgeRequest, context=command_context(key), badge_id=badge_id)
        return shown(views.Badge, (await command(talk, self._stub.RetireBadge, request)).badge)

    async def watch(self, talk: Talk, *, after: str) -> AsyncGenerator[views.RecognitionUpdate, None]:
        """Yield what concerns the caller as it arrives, after that cursor or from now on.

        A stream that breaks is resumed after the last cursor, or where it began.
        """
        cursor = after
        async with aclosing(resumed(lambda: self._watch(talk, cursor))) as responses:
            async for response in responses:
                if response.HasField("update"):
                    cursor = response.update.cursor
                    yield response.update
                else:
                    cursor = response.begins_after

    def _watch(self, talk: Talk, cursor: str) -> AsyncGenerator[pb.WatchRecognitionsResponse, None]:
        request = build(pb.WatchRecognitionsRequest, after=cursor)
        return stream(self._stub.WatchRecognitions(request, metadata=talk.metadata()))
