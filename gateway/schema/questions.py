"""Questions and their answers, votes for what has helped, and where one was mentioned."""

from __future__ import annotations

from collections.abc import Awaitable
from enum import Enum
from typing import Any

import strawberry

from gateway.compiling import computed
from gateway.question_client import Accepted
from gateway.schema.comments import Comment
from gateway.schema.feed import Post, PostConnection, Reactable
from gateway.schema.moderation import Moderation
from gateway.schema.pages import Info, PageInfo, as_type, field, mutation, page_size
from gateway.schema.payloads import UserError, attempt, idempotency_key
from samverka.feed.v1 import feed_service_pb2 as feed_service
from samverka.feed.v1 import feed_views_pb2 as feed_views


@strawberry.enum(description="Questions without any answer, or without one that is accepted.")
class QuestionFilter(Enum):
    UNANSWERED = feed_service.QUESTION_FILTER_UNANSWERED
    UNACCEPTED = feed_service.QUESTION_FILTER_UNACCEPTED


def _comment(mention: strawberry.Parent[feed_views.Mention]) -> Comment | None:
    return as_type(Comment, mention.comment) if mention.HasField("comment") else None


@strawberry.type(description="Where you were mentioned.")
class Mention:
    post: Post
    comment: Comment | None = computed(_comment, description="Null where it was in the post itself.")


@strawberry.type
class MentionEdge:
    cursor: str
    node: Mention


@strawberry.type
class MentionConnection:
    edges: list[MentionEdge]
    page_info: PageInfo


@strawberry.type
class QuestionQuery:
    @field("Questions that you see, the latest first: of any topic and group, or of one.")
    async def questions(
        self,
        info: Info,
        filter: QuestionFilter | None = None,
        topic: str | None = None,
        group_id: strawberry.ID | None = None,
        first: int | None = 20,
        after: str | None = None,
    ) -> PostConnection | None:
        context = info.context
        page = await context.backend.questions.questions(
            context.talk,
            wanted=feed_service.QUESTION_FILTER_UNSPECIFIED if filter is None else filter.value,
            topic=topic or "",
            group_id=group_id,
            first=page_size(first),
            after=after or "",
        )
        return as_type(PostConnection, page)

    @field("Posts and comments that mention you, the latest first.")
    async def mentions(self, info: Info, first: int | None = 20, after: str | None = None) -> MentionConnection | None:
        context = info.context
        page = await context.backend.questions.mentions(context.talk, first=page_size(first), after=after or "")
        return as_type(MentionConnection, page)


@strawberry.input
class AcceptAnswerInput:
    comment_id: strawberry.ID
    idempotency_key: str | None = None


@strawberry.input
class UnacceptAnswerInput:
    """The question, no answer to which is accepted any more."""

    post_id: strawberry.ID
    idempotency_key: str | None = None


@strawberry.input
class MarkHelpfulInput:
    target_id: strawberry.ID
    idempotency_key: str | None = None


@strawberry.input
class UnmarkHelpfulInput:
    target_id: strawberry.ID
    idempotency_key: str | None = None


@strawberry.type
class AcceptAnswerPayload:
    post: Post | None
    moderation: Moderation | None = strawberry.field(description="Null where you asked the question, and so decide.")
    errors: list[UserError]


@strawberry.type
class UnacceptAnswerPayload:
    post: Post | None
    moderation: Moderation | None = strawberry.field(description="Null where you asked the question, and so decide.")
    errors: list[UserError]


@strawberry.type
class MarkHelpfulPayload:
    target: Reactable | None
    errors: list[UserError]


@strawberry.type
class UnmarkHelpfulPayload:
    target: Reactable | None
    errors: list[UserError]


async def _accepted(info: Info, work: Awaitable[Accepted]) -> dict[str, Any]:
    """Return the fields of a payload that tells what is accepted now."""
    accepted, errors = await attempt(info, work)
    if accepted is None:
        return {"post": None, "moderation": None, "errors": errors}
    moderation = as_type(Moderation, accepted.moderation) if accepted.HasField("moderation") else None
    return {"post": as_type(Post, accepted.post), "moderation": moderation, "errors": errors}


@strawberry.type
class QuestionMutation:
    @mutation("Accept an answer to your question, or, as a moderator of its group, whatever who asked it says.")
    async def accept_answer(self, info: Info, input: AcceptAnswerInput) -> AcceptAnswerPayload:
        context, key = info.context, idempotency_key(info, input.idempotency_key)
        work = context.backend.questions.accept(context.talk, key=key, comment_id=input.comment_id)
        return AcceptAnswerPayload(**await _accepted(info, work))

    @mutation("Accept no answer to your question any more, or, as a moderator of its group, to any of its questions.")
    async def unaccept_answer(self, info: Info, input: UnacceptAnswerInput) -> UnacceptAnswerPayload:
        context, key = info.context, idempotency_key(info, input.idempotency_key)
        work = context.backend.questions.unaccept(context.talk, key=key, post_id=input.post_id)
        return UnacceptAnswerPayload(**await _accepted(info, work))

    @mutation("Say that a post or a comment of somebody else has helped you.")
    async def mark_helpful(self, info: Info, input: MarkHelpfulInput) -> MarkHelpfulPayload:
        context, key = info.context, idempotency_key(info, input.idempotency_key)
        target, errors = await attempt(
            info, context.backend.questions.mark_helpful(context.talk, key=key, target_id=input.target_id)
        )
        return MarkHelpfulPayload(target=None if target is None else as_type(Post, target), errors=errors)

    @mutation("Take back that a post or a comment has helped you.")
    async def unmark_helpful(self, info: Info, input: UnmarkHelpfulInput) -> UnmarkHelpfulPayload:
        context, key = info.context, idempotency_key(info, input.idempotency_key)
        target, errors = await attempt(
            info, context.backend.questions.unmark_helpful(context.talk, key=key, target_id=input.target_id)
        )
        return UnmarkHelpfulPayload(target=None if target is None else as_type(Post, target), errors=errors)
