"""What the feed makes of questions, answers and votes, forged facts too."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf.message import Message

from samverka.feed.v1.feed_events_pb2 import (
    POST_KIND_NOTE,
    POST_KIND_PRAISE,
    POST_KIND_QUESTION,
    AnswerAccepted,
    AnswerRuled,
    AnswerUnaccepted,
    CommentAdded,
    CommentDeleted,
    ContentHidden,
    GroupCreated,
    MarkedHelpful,
    MemberJoined,
    PostDeleted,
    PostEdited,
    PostPublished,
    UnmarkedHelpful,
)
from services.feed.projections import feed_projection
from services.feed.projections.erasing import erase_person
from tests.support.tables import Tables, an_id

ANNA, BENGT, AKIRA = an_id("anna"), an_id("bengt"), an_id("akira", region="tokyo")
GROUP = an_id("group")
QUESTION, ANSWER, OTHER = an_id("question"), an_id("answer"), an_id("other", region="tokyo")


def asked(*, answers: bool = True) -> Tables:
    """Anna's question in Bengt's group, with two answers."""
    tables = Tables(feed_projection())
    assert tables.apply(GroupCreated(group_id=GROUP, name="Chess"), actor=BENGT, owner=GROUP)
    assert tables.apply(MemberJoined(group_id=GROUP), actor=ANNA)
    assert tables.apply(published(), actor=ANNA)
    for author, answer in ((BENGT, ANSWER), (AKIRA, OTHER)) if answers else ():
        assert tables.apply(answered(answer), actor=author)
    return tables


def published(kind: Any = POST_KIND_QUESTION) -> PostPublished:
    return PostPublished(post_id=QUESTION, body="e4?", title="How?", kind=kind, group_id=GROUP)


def answered(comment_id: str, *, answer: bool = True) -> CommentAdded:
    return CommentAdded(comment_id=comment_id, post_id=QUESTION, body="e5", answer=answer)


def accepted(comment_id: str = ANSWER) -> AnswerAccepted:
    return AnswerAccepted(post_id=QUESTION, comment_id=comment_id)


def ruled(comment_id: str, request: str = "request") -> AnswerRuled:
    return AnswerRuled(group_id=GROUP, post_id=QUESTION, comment_id=comment_id, request_id=an_id(request))


def accepted_in(tables: Tables) -> str:
    ((answer,),) = tables.rows("select accepted from posts")
    return str(answer)


def answers_in(tables: Tables) -> int:
    ((count,),) = tables.rows("select answer_count from posts")
    return int(count)


@pytest.mark.parametrize("kind", [0, POST_KIND_NOTE, POST_KIND_PRAISE, 7])
def test_what_is_no_question_is_a_note_without_a_title_or_answers(kind: Any) -> None:
    tables = Tables(feed_projection())
    post = PostPublished(post_id=QUESTION, body="e4", title="How?", kind=kind)
    assert tables.apply(post, actor=ANNA)
    assert tables.apply(answered(ANSWER), actor=BENGT)
    assert tables.apply(PostEdited(post_id=QUESTION, body="e4!", title="How!"), actor=ANNA)

    assert not tables.apply(accepted(), actor=ANNA)
    assert tables.rows("select kind, title, comment_count, answer_count from posts") == [(POST_KIND_NOTE, "", 1, 0)]


def test_answers_are_counted_as_long_as_they_are_shown() -> None:
    tables = asked()
    assert tables.apply(answered(an_id("remark"), answer=False), actor=BENGT)
    assert answers_in(tables) == 2

    assert tables.apply(CommentDeleted(comment_id=OTHER), actor=AKIRA)
    assert answers_in(tables) == 1
    hidden = ContentHidden(group_id=GROUP, content_id=ANSWER, request_id=an_id("request"))
    assert tables.apply(hidden, actor=BENGT, owner=GROUP)
    assert answers_in(tables) == 0


def test_who_asked_accepts_an_answer_and_takes_it_back() -> None:
    tables = asked()

    assert tables.apply(accepted(), actor=ANNA)
    assert accepted_in(tables) == ANSWER
    assert tables.apply(accepted(OTHER), actor=ANNA)
    assert accepted_in(tables) == OTHER
    assert tables.apply(AnswerUnaccepted(post_id=QUESTION), actor=ANNA)
    assert accepted_in(tables) == ""


def test_what_is_accepted_before_it_comes_is_accepted_when_it_does() -> None:
    tables = asked(answers=False)
    assert tables.apply(accepted(), actor=ANNA)
    assert accepted_in(tables) == ""

    assert tables.apply(answered(ANSWER), actor=BENGT)

    assert accepted_in(tables) == ANSWER


@pytest.mark.parametrize("actor", [BENGT, AKIRA])
def test_nobody_else_accepts_an_answer(actor: str) -> None:
    tables = asked()

    assert not tables.apply(accepted(), actor=actor)
    assert tables.apply(accepted(), actor=ANNA)
    assert not tables.apply(AnswerUnaccepted(post_id=QUESTION), actor=actor)
    assert accepted_in(tables) == ANSWER


def test_only_an_answer_that_is_shown_below_the_question_is_accepted() -> None:
    tables = asked(answers=False)
    elsewhere = CommentAdded(comment_id=OTHER, post_id=an_id("another"), body="e5", answer=True)
    assert tables.apply(answered(ANSWER, answer=False), actor=BENGT)
    assert tables.apply(elsewhere, actor=AKIRA)

    for comment in (ANSWER, OTHER, QUESTION):
        assert tables.apply(accepted(comment), actor=ANNA)
        assert accepted_in(tables) == ""


@pytest.mark.parametrize(
    "gone",
    [
        (BENGT, CommentDeleted(comment_id=ANSWER), ""),
        (BENGT, ContentHidden(group_id=GROUP, content_id=ANSWER, request_id=an_id("request")), GROUP),
        (ANNA, PostDeleted(post_id=QUESTION), ""),
    ],
)
def test_what_is_gone_is_not_accepted(gone: tuple[str, Message, str]) -> None:
    tables = asked()
    assert tables.apply(accepted(), actor=ANNA)

    actor, payload, owner = gone
    assert tables.apply(payload, actor=actor, owner=owner)

    assert accepted_in(tables) == ""


def test_the_group_overrules_who_asked() -> None:
    tables = asked()
    assert tables.apply(accepted(), actor=ANNA)

    assert tables.apply(ruled(OTHER), actor=BENGT, owner=GROUP)
    assert accepted_in(tables) == OTHER
    assert tables.apply(accepted(), actor=ANNA)
    assert accepted_in(tables) == OTHER
    assert tables.apply(ruled("", "another request"), actor=BENGT, owner=GROUP)
    assert accepted_in(tables) == ""


def test_a_ruling_is_a_moderators_in_the_groups_register_about_a_question_of_the_group() -> None:
    tables = asked()
    assert tables.apply(GroupCreated(group_id=an_id("other group"), name="Go"), actor=BENGT, owner=an_id("other group"))

    for actor, owner in ((ANNA, GROUP), (AKIRA, GROUP), (BENGT, BENGT)):
        assert not tables.apply(ruled(OTHER), actor=actor, owner=owner)
    others = ruled(OTHER)
    others.group_id = an_id("other group")
    assert tables.apply(others, actor=BENGT, owner=others.group_id)
    assert accepted_in(tables) == ""


def test_a_vote_counts_once_and_also_before_its_target_has_come() -> None:
    tables = asked(answers=False)
    for _ in range(2):
        assert tables.apply(MarkedHelpful(target_id=ANSWER), actor=AKIRA)
    assert tables.apply(MarkedHelpful(target_id=ANSWER), actor=ANNA)
    assert tables.apply(answered(ANSWER), actor=BENGT)
    assert tables.rows("select helpful_count from comments") == [(2,)]

    for _ in range(2):
        assert tables.apply(UnmarkedHelpful(target_id=ANSWER), actor=AKIRA)
    assert tables.rows("select helpful_count from comments") == [(1,)]


def test_a_post_is_voted_for_too() -> None:
    tables = asked()

    assert tables.apply(MarkedHelpful(target_id=QUESTION), actor=AKIRA)

    assert tables.rows("select helpful_count from posts") == [(1,)]


@pytest.mark.parametrize("content", [published(), answered(ANSWER)])
@pytest.mark.parametrize("first", [True, False])
def test_a_vote_for_ones_own_counts_for_nothing_before_it_and_behind_it(content: Message, first: bool) -> None:
    tables = asked(answers=False) if isinstance(content, CommentAdded) else Tables(feed_projection())
    target, table = (ANSWER, "comments") if isinstance(content, CommentAdded) else (QUESTION, "posts")
    vote = MarkedHelpful(target_id=target)
    assert tables.apply(MemberJoined(group_id=GROUP), actor=ANNA)

    for payload in (vote, content) if first else (content, vote):
        assert tables.apply(payload, actor=ANNA)
    assert tables.rows(f"select helpful_count from {table}") == [(0,)]

    assert tables.apply(vote, actor=AKIRA)
    assert tables.apply(UnmarkedHelpful(target_id=target), actor=ANNA)
    assert tables.rows(f"select helpful_count from {table}") == [(1,)]
    erase_person(tables.db, AKIRA)
    assert tables.rows(f"select helpful_count from {table}") == [(0,)]
