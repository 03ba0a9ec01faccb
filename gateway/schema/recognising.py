"""What people may do about recognition: thank, award, withdraw, and define and retire badges."""

from __future__ import annotations

from collections.abc import Awaitable

import strawberry

from gateway.schema.pages import Info, as_type, mutation
from gateway.schema.payloads import UserError, attempt, idempotency_key
from gateway.schema.recognition import Badge, BadgeKind, Recognition, RecognitionVisibility
from samverka.recognition.v1 import recognition_views_pb2 as views


@strawberry.input
class GiveThanksInput:
    receiver_ids: list[strawberry.ID]
    message: str
    value: str | None = None
    visibility: RecognitionVisibility = RecognitionVisibility.PUBLIC
    idempotency_key: str | None = None


@strawberry.input
class AwardBadgeInput:
    badge_id: strawberry.ID
    receiver_id: strawberry.ID
    message: str
    visibility: RecognitionVisibility = RecognitionVisibility.PUBLIC
    idempotency_key: str | None = None


@strawberry.input
class WithdrawRecognitionInput:
    recognition_id: strawberry.ID
    idempotency_key: str | None = None


@strawberry.input
class DefineBadgeInput:
    """Without a monthly limit, one giver may award as many as they like."""

    name: str
    criteria: str
    kind: BadgeKind
    value: str | None = None
    monthly_limit: int | None = None
    awarder_ids: list[strawberry.ID] | None = None
    idempotency_key: str | None = None


@strawberry.input
class RetireBadgeInput:
    badge_id: strawberry.ID
    idempotency_key: str | None = None


@strawberry.type
class GiveThanksPayload:
    recognition: Recognition | None
    errors: list[UserError]


@strawberry.type
class AwardBadgePayload:
    recognition: Recognition | None
    errors: list[UserError]


@strawberry.type
class WithdrawRecognitionPayload:
    withdrawn_recognition_id: strawberry.ID | None
    errors: list[UserError]


@strawberry.type
class DefineBadgePayload:
    badge: Badge | None
    errors: list[UserError]


@strawberry.type
class RetireBadgePayload:
    badge: Badge | None
    errors: list[UserError]


@strawberry.type
class RecognitionMutation:
    @mutation("Thank people: Markdown, at most 2,000 characters to 50 people.")
    async def give_thanks(self, info: Info, input: GiveThanksInput) -> GiveThanksPayload:
        context, key = info.context, idempotency_key(info, input.idempotency_key)
        work = context.backend.recognition.thank(
            context.talk,
            key=key,
            receiver_ids=input.receiver_ids,
            message=input.message,
            value=input.value or "",
            visibility=input.visibility.value,
        )
        recognition, errors = await _recognised(info, work)
        return GiveThanksPayload(recognition=recognition, errors=errors)

    @mutation("Award a badge: Markdown, at most 2,000 characters.")
    async def award_badge(self, info: Info, input: AwardBadgeInput) -> AwardBadgePayload:
        context, key = info.context, idempotency_key(info, input.idempotency_key)
        work = context.backend.recognition.award(
            context.talk,
            key=key,
            badge_id=input.badge_id,
            receiver_id=input.receiver_id,
            message=input.message,
            visibility=input.visibility.value,
        )
        recognition, errors = await _recognised(info, work)
        return AwardBadgePayload(recognition=recognition, errors=errors)

    @mutation("Take back what you gave, for good; an award stays counted against your month.")
    async def withdraw_recognition(self, info: Info, input: WithdrawRecognitionInput) -> WithdrawRecognitionPayload:
        context, key = info.context, idempotency_key(info, input.idempotency_key)
        withdrawn, errors = await attempt(
            info,
            context.backend.recognition.withdraw(context.talk, key=key, recognition_id=input.recognition_id),
        )
        return WithdrawRecognitionPayload(
            withdrawn_recognition_id=None if withdrawn is None else strawberry.ID(withdrawn), errors=errors
        )

    @mutation("Define a badge, at home in this region; for community managers.")
    async def define_badge(self, info: Info, input: DefineBadgeInput) -> DefineBadgePayload:
        context, key = info.context, idempotency_key(info, input.idempotency_key)
        work = context.backend.recognition.define(
            context.talk,
            key=key,
            name=input.name,
            criteria=input.criteria,
            kind=input.kind.value,
            value=input.value or "",
            monthly_limit=input.monthly_limit or 0,
            awarder_ids=input.awarder_ids or [],
        )
        badge, errors = await _badge(info, work)
        return DefineBadgePayload(badge=badge, errors=errors)

    @mutation("Have a badge of this region awarded no longer; for community managers. What was awarded stays.")
    async def retire_badge(self, info: Info, input: RetireBadgeInput) -> RetireBadgePayload:
        context, key = info.context, idempotency_key(info, input.idempotency_key)
        badge, errors = await _badge(
            info, context.backend.recognition.retire(context.talk, key=key, badge_id=input.badge_id)
        )
        return RetireBadgePayload(badge=badge, errors=errors)


async def _recognised(info: Info, work: Awaitable[views.Recognition]) -> tuple[Recognition | None, list[UserError]]:
    recognition, errors = await attempt(info, work)
    return (None if recognition is None else as_type(Recognition, recognition)), errors


async def _badge(info: Info, work: Awaitable[views.Badge]) -> tuple[Badge | None, list[UserError]]:
    badge, errors = await attempt(info, work)
    return (None if badge is None else as_type(Badge, badge)), errors
