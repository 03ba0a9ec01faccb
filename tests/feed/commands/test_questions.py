"""Asking, answering, accepting answers, and voting for what has helped."""

from __future__ import annotations

from typing import Any

import pytest

from samverka.feed.v1 import feed_service_pb2 as pb
from samverka.feed.v1.feed_events_pb2 import (
    GROUP_ROLE_MODERATOR,
    POST_KIND_NOTE,
    POST_KIND_PRAISE,
    POST_KIND_QUESTION,
    AnswerAccepted,
    AnswerRuled,
    AnswerUnaccepted,
    MarkedHelpful,
    UnmarkedHelpful,
)
from samverka.feed.v1.feed_views_pb2 import MODERATION_STATE_DONE, Group, Post
from tests.feed.calls import (
    accept,
    answer,
    ask,
    comment,
    create_group,
    delete_comment,
    edit,
    get_post,
    hide,
    join,
    mark_helpful,
    publish,
    set_role,
    thread,
    unaccept,
    unmark_helpful,
)
from tests.support.services import Member, Region, refusal

PRAISE: Any = POST_KIND_PRAISE
UNKNOWN: Any = 7


@pytest.fixture
async def carla(region: Region) -> Member:
    return await region.member("carla")


@pytest.fixture
async def group(anna: Member, bengt: Member, carla: Member) -> Group:
    """A group of Anna's, which Carla moderates."""
    group = await create_group(anna)
    for member in (bengt, carla):
        await join(member, group.id)
    await set_role(anna, group.id, carla.id, GROUP_ROLE_MODERATOR)
    return group


@pytest.fixture
async def question(bengt: Member, group: Group) -> Post:
    return await ask(bengt, group_id=group.id)


async def test_a_question_has_a_title_and_a_note_has_none(anna: Member) -> None:
    asked, noted = await ask(anna, "How?"), await publish(anna)

    assert (asked.kind, asked.title, asked.body) == (POST_KIND_QUESTION, "How?", "I wonder.")
    assert (noted.kind, noted.title) == (POST_KIND_NOTE, "")


@pytest.mark.parametrize(
    ("kind", "title", "code", "field"),
    [
        (POST_KIND_QUESTION, "", "empty", "title"),
        (POST_KIND_QUESTION, "x" * 201, "too_long", "title"),
        (POST_KIND_QUESTION, "two\nlines", "control_characters", "title"),
        (POST_KIND_NOTE, "How?", "not_a_question", "title"),
        (PRAISE, "", "unknown_post_kind", "kind"),
        (UNKNOWN, "", "unknown_post_kind", "kind"),
    ],
)
async def test_what_is_no_post_is_refused(anna: Member, kind: Any, title: str, code: str, field: str) -> None:
    error = await refusal(publish(anna, kind=kind, title=title))

    assert (error.code, error.field) == (code, field)


async def test_an_edit_leaves_the_title_unless_it_names_another(anna: Member) -> None:
    asked, noted = await ask(anna, "How?"), await publish(anna)

    assert (await edit(anna, asked.id, "Really.")).title == "How?"
    assert (await edit(anna, asked.id, title="Why?")).title == "Why?"
    assert (await refusal(edit(anna, asked.id, title=""))).code == "empty"
    assert (await refusal(edit(anna, noted.id, title="Why?"))).code == "not_a_question"


async def test_answers_are_comments_that_say_so(anna: Member, bengt: Member) -> None:
    asked = await ask(anna)
    await comment(bengt, asked.id)
    await answer(bengt, asked.id)

    assert [edge.node.answer for edge in (await thread(anna, asked.id)).edges] == [False, True]
    shown = await get_post(anna, asked.id)
    assert (shown.comment_count, shown.answer_count) == (2, 1)
    noted = await publish(anna)
    error = await refusal(answer(bengt, noted.id))
    assert (error.code, error.field) == ("not_a_question", "answer")


async def test_an_answer_may_be_as_long_as_a_post(bengt: Member, question: Post) -> None:
    assert (await answer(bengt, question.id, "a" * 20_000)).body == "a" * 20_000
    assert (await refusal(answer(bengt, question.id, "a" * 20_001))).code == "too_long"
    assert (await refusal(comment(bengt, question.id, "a" * 8_001))).code == "too_long"


async def test_who_asked_accepts_an_answer_another_or_none(region: Region, bengt: Member, question: Post) -> None:
    first, second = await answer(bengt, question.id), await answer(bengt, question.id)

    for wanted in (first, second, second):
        accepted = await accept(bengt, wanted.id)
        assert (accepted.post.accepted_answer_id, accepted.HasField("moderation")) == (wanted.id, False)
    assert (await unaccept(bengt, question.id)).post.accepted_answer_id == ""
    await unaccept(bengt, question.id)

    assert len(await region.events(AnswerAccepted)) == 2
    assert len(await region.events(AnswerUnaccepted)) == 1


async def test_nobody_else_accepts_an_answer(anna: Member, bengt: Member, carla: Member) -> None:
    asked = await ask(anna)
    given = await answer(bengt, asked.id)

    for member in (bengt, carla):
        assert (await refusal(accept(member, given.id))).code == "not_asker"
        assert (await refusal(unaccept(member, asked.id))).code == "not_asker"


async def test_what_is_no_answer_is_not_accepted(anna: Member, bengt: Member, question: Post) -> None:
    remark, gone = await comment(anna, question.id), await answer(anna, question.id)
    await delete_comment(anna, gone.id)

    assert (await refusal(accept(bengt, remark.id))).code == "not_an_answer"
    assert (await refusal(accept(bengt, gone.id))).code == "comment_not_found"
    assert (await refusal(accept(bengt, question.id))).code == "not_an_answer"
    assert (await refusal(unaccept(bengt, (await publish(bengt)).id))).code == "not_a_question"
    assert (await refusal(unaccept(bengt, remark.id))).code == "post_not_found"


async def test_a_moderator_overrules_who_asked_for_good(
    region: Region, anna: Member, bengt: Member, carla: Member, question: Post
) -> None:
    first, second = await answer(anna, question.id), await answer(carla, question.id)
    await accept(bengt, first.id)

    ruled = await accept(carla, second.id, under="k1")

    assert (ruled.post.accepted_answer_id, ruled.moderation.state) == (second.id, MODERATION_STATE_DONE)
    assert (await refusal(accept(bengt, first.id))).code == "ruled_by_group"
    assert (await refusal(unaccept(bengt, question.id))).code == "ruled_by_group"
    assert (await unaccept(anna, question.id)).post.accepted_answer_id == ""
    assert (await accept(carla, second.id, under="k1")).post.accepted_answer_id == ""  # the same request, long decided
    assert len(await region.events(AnswerRuled)) == 2


async def test_an_answer_that_is_hidden_is_not_the_accepted_one(anna: Member, bengt: Member, question: Post) -> None:
    given = await answer(anna, question.id)
    await accept(bengt, given.id)

    await hide(anna, given.id)

    shown = await get_post(bengt, question.id)
    assert (shown.accepted_answer_id, shown.answer_count) == ("", 0)


async def test_what_has_helped_is_counted_once_for_each(
    region: Region, anna: Member, bengt: Member, carla: Member, question: Post
) -> None:
    given = await answer(anna, question.id)

    for member in (bengt, carla, carla):
        await mark_helpful(member, given.id)
    shown = await mark_helpful(carla, question.id)

    assert (shown.helpful_count, shown.viewer_marked_helpful) == (1, True)
    (edge,) = (await thread(anna, question.id)).edges
    assert (edge.node.helpful_count, edge.node.viewer_marked_helpful) == (2, False)
    assert len(await region.events(MarkedHelpful)) == 3
    for _ in range(2):
        shown = await unmark_helpful(carla, given.id)
        assert (shown.helpful_count, shown.viewer_marked_helpful) == (1, False)
    assert len(await region.events(UnmarkedHelpful)) == 1


async def test_nobody_votes_for_themselves_or_for_what_is_not_there(anna: Member, bengt: Member) -> None:
    asked = await ask(anna)

    error = await refusal(mark_helpful(anna, asked.id))
    assert (error.code, error.field) == ("own_content", "target_id")
    assert (await refusal(mark_helpful(bengt, anna.id))).code == "target_not_found"


async def test_a_filter_that_is_not_known_is_refused(anna: Member) -> None:
    request = pb.ListQuestionsRequest(filter=UNKNOWN)

    error = await refusal(anna.ask(anna.region.feed.feed.ListQuestions, request))

    assert (error.code, error.field) == ("unknown_filter", "filter")
