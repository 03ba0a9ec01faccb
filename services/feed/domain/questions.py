"""Questions: what they are called, how far they have come, and who says which answer is accepted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from samverka.feed.v1.feed_events_pb2 import (
    POST_KIND_NOTE,
    POST_KIND_QUESTION,
    POST_KIND_UNSPECIFIED,
    PostKind,
)
from samverka.feed.v1.feed_service_pb2 import (
    QUESTION_FILTER_UNACCEPTED,
    QUESTION_FILTER_UNANSWERED,
    QUESTION_FILTER_UNSPECIFIED,
    QuestionFilter,
)
from services.chassis.errors import Forbidden, Invalid
from services.chassis.text import parse_text

TITLE_CHARACTERS_MAX = 200
UNANSWERED, UNACCEPTED, ACCEPTED = 0, 1, 2
"""How far a question has come: without an answer, with none accepted, with one."""

Found = TypeVar("Found")
_STATES = {
    QUESTION_FILTER_UNSPECIFIED: (UNANSWERED, UNACCEPTED, ACCEPTED),
    QUESTION_FILTER_UNANSWERED: (UNANSWERED,),
    QUESTION_FILTER_UNACCEPTED: (UNANSWERED, UNACCEPTED),
}


def question_state(*, answers: int, accepted: bool) -> int:
    """Return how far a question has come."""
    if accepted:
        return ACCEPTED
    return UNACCEPTED if answers else UNANSWERED


def parse_filter(wanted: QuestionFilter.ValueType) -> Sequence[int]:
    """Return the states of the questions that are wanted. Raises Invalid."""
    if wanted not in _STATES:
        raise Invalid("Questions are not told apart by that.", code="unknown_filter", field="filter")
    return _STATES[wanted]


def parse_kind(kind: PostKind.ValueType) -> PostKind.ValueType:
    """Return a kind of post that people publish; a note where nothing is said. Raises Invalid."""
    if kind == POST_KIND_UNSPECIFIED:
        return POST_KIND_NOTE
    if kind not in (POST_KIND_NOTE, POST_KIND_QUESTION):
        raise Invalid("A post is a note or a question.", code="unknown_post_kind", field="kind")
    return kind


def parse_title(title: str, *, question: bool) -> str:
    """Return the title, which a question has and nothing else. Raises Invalid."""
    if question:
        return parse_text(title, field="title", characters_max=TITLE_CHARACTERS_MAX, lines=False)
    if title:
        raise Invalid("Only a question has a title.", code="not_a_question", field="title")
    return ""


def require_question(found: Found | None, *, field: str) -> Found:
    """Return the question; Invalid where it is none."""
    if found is None:
        raise Invalid("That is not a question.", code="not_a_question", field=field)
    return found


def require_answer(found: Found | None) -> Found:
    """Return the question that a comment answers; Invalid where it answers none."""
    if found is None:
        raise Invalid("That is not an answer.", code="not_an_answer", field="comment_id")
    return found


def refuse_acceptance(*, asked: bool, field: str) -> Forbidden:
    """Return why the actor cannot say which answer is accepted, who may have asked the question."""
    if asked:
        return Forbidden("The group has decided which answer is accepted.", code="ruled_by_group", field=field)
    return Forbidden("Only who asked may do that.", code="not_asker", field=field)


def require_of_others(actor: str, author: str) -> None:
    """Raise Forbidden for a vote on what the actor wrote."""
    if actor == author:
        raise Forbidden("It is your own.", code="own_content", field="target_id")
