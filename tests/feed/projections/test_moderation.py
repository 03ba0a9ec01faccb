"""What the feed makes of moderators' requests and of what groups' homes decided, forged facts too."""

from __future__ import annotations

import pytest
from google.protobuf.message import Message

from samverka.feed.v1.feed_events_pb2 import (
    GROUP_ROLE_MEMBER,
    GROUP_ROLE_MODERATOR,
    MODERATION_ACTION_HIDE,
    CommentAdded,
    ContentHidden,
    ContentRestored,
    GroupCreated,
    MemberJoined,
    MemberRoleSet,
    ModerationDeclined,
    ModerationRequested,
    PostPublished,
)
from services.feed.projections import feed_projection
from tests.support.tables import Tables, an_id

ANNA, BENGT, AKIRA = an_id("anna"), an_id("bengt"), an_id("akira", region="tokyo")
GROUP, OTHER = an_id("group"), an_id("other")
POST, ANOTHER, COMMENT = an_id("post"), an_id("another post"), an_id("comment", region="tokyo")


def founded() -> Tables:
    """Anna's two groups, of which Akira moderates the first and nobody the other."""
    tables = Tables(feed_projection())
    for group in (GROUP, OTHER):
        assert tables.apply(GroupCreated(group_id=group, name="Chess"), actor=ANNA, owner=group)
    assert tables.apply(MemberJoined(group_id=GROUP), actor=AKIRA)
    give(tables, AKIRA, GROUP_ROLE_MODERATOR)
    return tables


def posted(tables: Tables) -> Tables:
    assert tables.apply(PostPublished(post_id=POST, body="e4", group_id=GROUP), actor=ANNA)
    assert tables.apply(CommentAdded(comment_id=COMMENT, post_id=POST, body="e5"), actor=AKIRA)
    return tables


def give(tables: Tables, person: str, role: int) -> None:
    given = MemberRoleSet(group_id=GROUP, person_id=person, role=role)  # type: ignore[arg-type]
    assert tables.apply(given, actor=ANNA, owner=GROUP)


def hidden(content_id: str, request: str = "request", *, group: str = GROUP) -> ContentHidden:
    return ContentHidden(group_id=group, content_id=content_id, request_id=an_id(request, region="tokyo"))


def restored(content_id: str, request: str) -> ContentRestored:
    return ContentRestored(group_id=GROUP, content_id=content_id, request_id=an_id(request, region="tokyo"))


def requested(request: str = "request", *, group: str = GROUP) -> ModerationRequested:
    return ModerationRequested(
        request_id=an_id(request, region="tokyo"), group_id=group, content_id=POST, action=MODERATION_ACTION_HIDE
    )


def what_is_hidden(tables: Tables) -> set[str]:
    rows = tables.rows("select id from posts where hidden = 1 union select id from comments where hidden = 1")
    return {content for (content,) in rows}


@pytest.mark.parametrize("content", [POST, COMMENT])
def test_a_group_hides_and_restores_what_belongs_to_it(content: str) -> None:
    tables = posted(founded())

    assert tables.apply(hidden(content), actor=AKIRA, owner=GROUP)
    assert what_is_hidden(tables) == {content}
    assert tables.apply(restored(content, "again"), actor=ANNA, owner=GROUP)
    assert what_is_hidden(tables) == set()


@pytest.mark.parametrize("content", [POST, COMMENT])
def test_a_decision_before_its_content_takes_effect_when_that_comes(content: str) -> None:
    tables = founded()
    assert tables.apply(hidden(content), actor=AKIRA, owner=GROUP)

    posted(tables)

    assert what_is_hidden(tables) == {content}


def test_a_decision_about_a_comment_waits_for_the_post_above_it() -> None:
    tables = founded()
    tables.apply(CommentAdded(comment_id=COMMENT, post_id=POST, body="e5"), actor=AKIRA)
    tables.apply(hidden(COMMENT), actor=AKIRA, owner=GROUP)
    assert what_is_hidden(tables) == set()

    tables.apply(PostPublished(post_id=POST, body="e4", group_id=GROUP), actor=ANNA)

    assert what_is_hidden(tables) == {COMMENT}


def test_a_hidden_comment_is_not_counted() -> None:
    tables = posted(founded())

    tables.apply(hidden(COMMENT), actor=AKIRA, owner=GROUP)
    assert tables.rows("select comment_count from posts") == [(0,)]
    tables.apply(restored(COMMENT, "again"), actor=AKIRA, owner=GROUP)
    assert tables.rows("select comment_count from posts") == [(1,)]


def test_a_group_decides_about_nothing_that_is_not_its_own() -> None:
    tables = posted(founded())
    assert tables.apply(PostPublished(post_id=ANOTHER, body="no group"), actor=ANNA)

    for content in (POST, COMMENT, ANOTHER):
        assert tables.apply(hidden(content, f"of {content}", group=OTHER), actor=ANNA, owner=OTHER)
    assert tables.apply(hidden(ANOTHER), actor=ANNA, owner=GROUP)

    assert what_is_hidden(tables) == set()


def test_only_who_moderates_hides_and_only_in_the_groups_register() -> None:
    tables = posted(founded())

    for actor, owner in ((BENGT, GROUP), (AKIRA, OTHER), (AKIRA, AKIRA)):
        assert not tables.apply(hidden(POST), actor=actor, owner=owner)
    give(tables, AKIRA, GROUP_ROLE_MEMBER)
    assert not tables.apply(hidden(POST), actor=AKIRA, owner=GROUP)
    assert what_is_hidden(tables) == set()


def test_what_a_moderator_decided_stays_when_they_are_none_any_more() -> None:
    tables = posted(founded())
    tables.apply(hidden(POST), actor=AKIRA, owner=GROUP)

    give(tables, AKIRA, GROUP_ROLE_MEMBER)

    assert what_is_hidden(tables) == {POST}


@pytest.mark.parametrize(
    "again",
    [
        hidden(COMMENT),
        restored(POST, "request"),
        ModerationDeclined(group_id=GROUP, request_id=hidden(POST).request_id),
    ],
)
def test_a_request_has_one_outcome(again: Message) -> None:
    tables = posted(founded())
    assert tables.apply(hidden(POST), actor=AKIRA, owner=GROUP)

    assert not tables.apply(again, actor=AKIRA, owner=GROUP)

    assert what_is_hidden(tables) == {POST}
    assert tables.rows("select declined_reason from moderation_outcomes") == [("",)]


def test_a_request_is_settled_by_its_group_alone_whichever_comes_first() -> None:
    before, after = founded(), founded()
    decision = ModerationDeclined(group_id=GROUP, request_id=requested().request_id, reason="not_moderator")
    assert before.apply(requested(), actor=AKIRA)
    assert before.apply(ModerationDeclined(group_id=OTHER, request_id=requested().request_id), actor=ANNA, owner=OTHER)
    assert before.rows("select home, decided from moderation_requests") == [("stockholm", 0)]

    for tables in (before, after):
        assert tables.apply(decision, actor=AKIRA, owner=GROUP)
    assert after.apply(requested(), actor=AKIRA)

    for tables in (before, after):
        assert tables.rows("select decided from moderation_requests") == [(1,)]


def test_a_request_is_written_once_under_an_id_of_its_moderators_region() -> None:
    tables = founded()

    assert not tables.apply(requested(), actor=ANNA)
    assert tables.apply(requested(), actor=AKIRA)
    assert not tables.apply(requested(group=OTHER), actor=AKIRA)
    assert tables.rows("select person, group_id from moderation_requests") == [(AKIRA, GROUP)]
