"""The questions of the feed service, and who was mentioned, seen from a request."""

from __future__ import annotations

from typing import Any

import grpc

from gateway.calls import Talk, build, command, command_context, optional_id, page_items, query, shown
from gateway.clients import Target, target_of
from samverka.feed.v1 import feed_service_pb2 as pb
from samverka.feed.v1 import feed_views_pb2 as views
from samverka.feed.v1.feed_service_pb2_grpc import FeedServiceStub

Accepted = pb.AcceptAnswerResponse | pb.UnacceptAnswerResponse


class QuestionClient:
    """Questions, their answers, and votes; errors are those of the other clients."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub: Any = FeedServiceStub(channel)

    async def questions(
        self,
        talk: Talk,
        *,
        wanted: pb.QuestionFilter.ValueType,
        topic: str,
        group_id: str | None,
        first: int,
        after: str,
    ) -> views.PostConnection:
        """Return a page of questions. Raises NotFound for a group that is not there for the caller."""
        request = build(
            pb.ListQuestionsRequest,
            filter=wanted,
            topic=topic,
            group_id=optional_id(group_id, field="group_id"),
            first=page_items(first),
            after=after,
        )
        return shown(views.PostConnection, (await query(talk, self._stub.ListQuestions, request)).posts)

    async def mentions(self, talk: Talk, *, first: int, after: str) -> views.MentionConnection:
        """Return a page of what was written to mention the caller."""
        request = build(pb.ListMentionsRequest, first=page_items(first), after=after)
        return shown(views.MentionConnection, (await query(talk, self._stub.ListMentions, request)).mentions)

    async def accept(self, talk: Talk, *, key: str, comment_id: str) -> Accepted:
        """Accept an answer, and return what has come of it."""
        request = build(pb.AcceptAnswerRequest, context=command_context(key), comment_id=comment_id)
        return shown(pb.AcceptAnswerResponse, await command(talk, self._stub.AcceptAnswer, request))

    async def unaccept(self, talk: Talk, *, key: str, post_id: str) -> Accepted:
        """Accept no answer to a question any more, and return what has come of it."""
        request = build(pb.UnacceptAnswerRequest, context=command_context(key), post_id=post_id)
        return shown(pb.UnacceptAnswerResponse, await command(talk, self._stub.UnacceptAnswer, request))

    async def mark_helpful(self, talk: Talk, *, key: str, target_id: str) -> Target | None:
        """Say that a post or a comment has helped, and return it."""
        request = build(pb.MarkHelpfulRequest, context=command_context(key), target_id=target_id)
        return target_of((await command(talk, self._stub.MarkHelpful, request)).target)

    async def unmark_helpful(self, talk: Talk, *, key: str, target_id: str) -> Target | None:
        """Take that back, and return the post or the comment."""
        request = build(pb.UnmarkHelpfulRequest, context=command_context(key), target_id=target_id)
        return target_of((await command(talk, self._stub.UnmarkHelpful, request)).target)
