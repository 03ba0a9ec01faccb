"""Say which answer to a question is accepted, or that none is."""

from __future__ import annotations

from dataclasses import dataclass

from samverka.feed.v1.feed_events_pb2 import (
    MODERATION_ACTION_RULE_ON_ANSWER,
    AnswerAccepted,
    AnswerUnaccepted,
    ModerationRequested,
)
from services.chassis.deciding import Decider, Intent, Outcome, WithReach
from services.chassis.store import Connection
from services.feed.domain.questions import refuse_acceptance, require_answer, require_question
from services.feed.domain.rules import require_comment, require_post
from services.feed.finding import Question, find_answered, find_question, find_shown_post, find_target
from services.feed.moderating import find_request
from services.feed.standing import may_moderate


@dataclass(frozen=True, slots=True)
class AcceptAnswer:
    """Of an answer by its id or, where that is empty, of none to the question ``post_id``.

    ``request_id`` is for a moderator, who asks the group's home to decide.
    """

    intent: Intent
    request_id: str
    comment_id: str = ""
    post_id: str = ""


async def accept_answer(command: AcceptAnswer, *, decider: Decider) -> Outcome:
    """Decide it as who asked or, as a moderator of the question's group, ask for it to be decided."""
    actor = command.intent.actor

    def decide(db: Connection) -> WithReach | None:
        if find_request(db, command.request_id) is not None:
            return None
        question = _answered(db, command) if command.comment_id else _asked(db, command)
        if question.author == actor and not question.ruled:
            return _choose(question, command.comment_id)
        if not may_moderate(db, question.group_id, actor):
            field = "comment_id" if command.comment_id else "post_id"
            raise refuse_acceptance(asked=question.author == actor, field=field)
        asked = ModerationRequested(
            request_id=command.request_id,
            group_id=question.group_id or "",
            content_id=question.id,
            action=MODERATION_ACTION_RULE_ON_ANSWER,
            answer_id=command.comment_id,
        )
        return WithReach(asked, question.reach)

    return await decider.carry_out(command.intent, decide, owner=actor)


def _answered(db: Connection, command: AcceptAnswer) -> Question:
    require_comment(find_target(db, command.comment_id, command.intent.actor))
    return require_answer(find_answered(db, command.comment_id))


def _asked(db: Connection, command: AcceptAnswer) -> Question:
    post = require_post(find_shown_post(db, command.post_id, command.intent.actor))
    return require_question(find_question(db, command.post_id, post.reach), field="post_id")


def _choose(question: Question, comment_id: str) -> WithReach | None:
    if question.chosen == comment_id:
        return None
    if comment_id:
        return WithReach(AnswerAccepted(post_id=question.id, comment_id=comment_id), question.reach)
    return WithReach(AnswerUnaccepted(post_id=question.id), question.reach)
