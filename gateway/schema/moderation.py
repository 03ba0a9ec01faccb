"""What moderators ask for: content hidden or restored, and what has become of any such request."""

from __future__ import annotations

from collections.abc import Awaitable
from enum import Enum

import strawberry

from gateway.compiling import computed
from gateway.schema.pages import Info, as_type, mutation
from gateway.schema.payloads import UserError, attempt, idempotency_key
from samverka.feed.v1 import feed_views_pb2 as feed_views


@strawberry.enum(
    description="What has become of a moderator's request; it is pending until the group's region has seen it."
)
class ModerationState(Enum):
    PENDING = feed_views.MODERATION_STATE_PENDING
    DONE = feed_views.MODERATION_STATE_DONE
    DECLINED = feed_views.MODERATION_STATE_DECLINED


def _state(moderation: strawberry.Parent[feed_views.Moderation]) -> ModerationState:
    return ModerationState(moderation.state)


def _content_id(moderation: strawberry.Parent[feed_views.Moderation]) -> strawberry.ID | None:
    return strawberry.ID(moderation.content_id) if moderation.content_id else None


def _person_id(moderation: strawberry.Parent[feed_views.Moderation]) -> strawberry.ID | None:
    return strawberry.ID(moderation.person_id) if moderation.person_id else None


def _declined_reason(moderation: strawberry.Parent[feed_views.Moderation]) -> str | None:
    return moderation.declined_reason or None


@strawberry.type(description="A moderator's request. The same mutation under the same key tells what has become of it.")
class Moderation:
    id: strawberry.ID
    content_id: strawberry.ID | None = computed(_content_id, description="Null where it is about a person.")
    person_id: strawberry.ID | None = computed(_person_id, description="Null where it is about content.")
    state: ModerationState = computed(_state)
    declined_reason: str | None = computed(_declined_reason, description="A code, such as not_moderator.")


@strawberry.input
class HideContentInput:
    """A post of a group, or a comment below one."""

    content_id: strawberry.ID
    reason: str | None = None
    idempotency_key: str | None = None


@strawberry.input
class RestoreContentInput:
    content_id: strawberry.ID
    reason: str | None = None
    idempotency_key: str | None = None


@strawberry.type
class HideContentPayload:
    moderation: Moderation | None
    errors: list[UserError]


@strawberry.type
class RestoreContentPayload:
    moderation: Moderation | None
    errors: list[UserError]


async def moderated(info: Info, work: Awaitable[feed_views.Moderation]) -> tuple[Moderation | None, list[UserError]]:
    moderation, errors = await attempt(info, work)
    return (None if moderation is None else as_type(Moderation, moderation)), errors


@strawberry.type
class ModerationMutation:
    @mutation("Hide what stands in a group that you moderate, from everybody but its author and its moderators.")
    async def hide_content(self, info: Info, input: HideContentInput) -> HideContentPayload:
        context, key = info.context, idempotency_key(info, input.idempotency_key)
        moderation, errors = await moderated(
            info,
            context.backend.groups.hide(context.talk, key=key, content_id=input.content_id, reason=input.reason or ""),
        )
        return HideContentPayload(moderation=moderation, errors=errors)

    @mutation("Show again what was hidden in a group that you moderate.")
    async def restore_content(self, info: Info, input: RestoreContentInput) -> RestoreContentPayload:
        context, key = info.context, idempotency_key(info, input.idempotency_key)
        moderation, errors = await moderated(
            info,
            context.backend.groups.restore(
                context.talk, key=key, content_id=input.content_id, reason=input.reason or ""
            ),
        )
        return RestoreContentPayload(moderation=moderation, errors=errors)
