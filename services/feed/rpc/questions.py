"""Questions: accepting answers, voting for what has helped, and reading them; and where the caller was mentioned."""

from __future__ import annotations

from typing import TypeVar

from samverka.feed.v1 import feed_service_pb2 as pb
from samverka.feed.v1.feed_views_pb2 import Post
from services.chassis.auth import current_caller
from services.chassis.deciding import Intent
from services.chassis.ids import parse
from services.chassis.marks import parse_topic
from services.chassis.store import Connection
from services.feed.commands.accept_answer import AcceptAnswer, accept_answer
from services.feed.commands.mark_helpful import MarkHelpful, mark_helpful
from services.feed.commands.unmark_helpful import UnmarkHelpful, unmark_helpful
from services.feed.domain.questions import parse_filter
from services.feed.moderating import find_moderation
from services.feed.queries.list_mentions import list_mentions
from services.feed.queries.list_questions import list_questions
from services.feed.rpc.parts import Context, RpcPart
from services.feed.views import find_comment, find_post

Accepting = TypeVar("Accepting", pb.AcceptAnswerResponse, pb.UnacceptAnswerResponse)


class QuestionsRpc(RpcPart):
    """The commands and questions about questions."""

    async def AcceptAnswer(self, request: pb.AcceptAnswerRequest, context: Context) -> pb.AcceptAnswerResponse:
        intent, comment_id = self._intent(request), parse(request.comment_id, field="comment_id")
        return await self._accept(pb.AcceptAnswerResponse(), intent, comment_id=comment_id)

    async def UnacceptAnswer(self, request: pb.UnacceptAnswerRequest, context: Context) -> pb.UnacceptAnswerResponse:
        intent, post_id = self._intent(request), parse(request.post_id, field="post_id")
        return await self._accept(pb.UnacceptAnswerResponse(), intent, post_id=post_id)

    async def MarkHelpful(self, request: pb.MarkHelpfulRequest, context: Context) -> pb.MarkHelpfulResponse:
        intent = self._intent(request)
        command = MarkHelpful(intent, parse(request.target_id, field="target_id"))
        outcome = await mark_helpful(command, decider=self._decider)
        target = self._target(command.target_id, viewer=intent.actor)
        return pb.MarkHelpfulResponse(target=target, position=outcome.position.message())

    async def UnmarkHelpful(self, request: pb.UnmarkHelpfulRequest, context: Context) -> pb.UnmarkHelpfulResponse:
        intent = self._intent(request)
        command = UnmarkHelpful(intent, parse(request.target_id, field="target_id"))
        outcome = await unmark_helpful(command, decider=self._decider)
        target = self._target(command.target_id, viewer=intent.actor)
        return pb.UnmarkHelpfulResponse(target=target, position=outcome.position.message())

    async def ListQuestions(self, request: pb.ListQuestionsRequest, context: Context) -> pb.ListQuestionsResponse:
        group_id = parse(request.group_id, field="group_id") if request.group_id else ""
        states, topic = parse_filter(request.filter), parse_topic(request.topic)
        viewer, epoch = current_caller().person_id, self._runner.position.epoch
        page = self._page(request.first, request.after)
        posts = self._runner.store.read_now(
            lambda db: list_questions(
                db, page, states=states, topic=topic, group_id=group_id, viewer=viewer, epoch=epoch
            )
        )
        return pb.ListQuestionsResponse(posts=self._begun(posts, page))

    async def ListMentions(self, request: pb.ListMentionsRequest, context: Context) -> pb.ListMentionsResponse:
        viewer, epoch = current_caller().person_id, self._runner.position.epoch
        page = self._page(request.first, request.after)
        mentions = self._runner.store.read_now(lambda db: list_mentions(db, page, viewer=viewer, epoch=epoch))
        return pb.ListMentionsResponse(mentions=self._begun(mentions, page))

    async def _accept(self, answer: Accepting, intent: Intent, *, comment_id: str = "", post_id: str = "") -> Accepting:
        """Carry out the command, decide what a moderator asks for if that is ours, and tell what has come of it."""
        request_id = intent.object_id(self._decider.ids, "moderation request")
        command = AcceptAnswer(intent, request_id, comment_id=comment_id, post_id=post_id)
        outcome = await accept_answer(command, decider=self._decider)
        position = await self._decide_if_at_home(request_id) or outcome.position
        moderation = self._runner.store.read_now(lambda db: find_moderation(db, request_id))
        question = self._shown(lambda db: _question(db, comment_id, post_id, viewer=intent.actor))
        answer.post.CopyFrom(question)
        answer.position.CopyFrom(position.message())
        if moderation is not None:
            answer.moderation.CopyFrom(moderation)
        return answer


def _question(db: Connection, comment_id: str, post_id: str, *, viewer: str) -> Post | None:
    """Return the question that has this answer, or this id."""
    if not comment_id:
        return find_post(db, post_id, viewer=viewer)
    comment = find_comment(db, comment_id, viewer=viewer)
    return find_post(db, comment.post_id, viewer=viewer) if comment else None
