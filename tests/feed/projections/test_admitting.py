"""What the feed makes of whom groups let in, remove and ban, forged decisions too."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf.message import Message

from samverka.feed.v1.feed_events_pb2 import (
    GROUP_ROLE_MODERATOR,
    GROUP_VISIBILITY_PRIVATE,
    GROUP_VISIBILITY_PUBLIC,
    CommentAdded,
    GroupCreated,
    GroupUpdated,
    GroupVisibility,
    MemberBanned,
    MemberJoined,
    MemberLeft,
    MemberRemoved,
    MemberRoleSet,
    MembershipApproved,
    MembershipDeclined,
    MembershipRequested,
    MemberUnbanned,
    PostPublished,
)
from services.feed.projections import feed_projection
from tests.support.tables import Tables, an_id

ANNA, BENGT, AKIRA = an_id("anna"), an_id("bengt"), an_id("akira", region="tokyo")
GROUP = an_id("group")
JOIN = "event-7"
UNKNOWN: Any = 7


def founded(*, visibility: Any = GROUP_VISIBILITY_PRIVATE) -> Tables:
    tables = Tables(feed_projection())
    created = GroupCreated(group_id=GROUP, name="Chess", visibility=visibility)
    assert tables.apply(created, actor=ANNA, owner=GROUP)
    return tables


def decide(tables: Tables, kind: Any, person: str = AKIRA, *, actor: str = ANNA, **more: Any) -> bool:
    """Apply a decision of the group's, about the join ``JOIN`` if it is about one."""
    if "join_id" in kind.DESCRIPTOR.fields_by_name:
        more.setdefault("join_id", JOIN)
    request_id = an_id(f"request-{tables.rows('select count(*) from moderation_outcomes')}")
    decision = kind(group_id=GROUP, person_id=person, request_id=request_id, **more)
    return tables.apply(decision, actor=actor, owner=GROUP)


def ask(tables: Tables, *, event: int = 7) -> None:
    assert tables.apply(MembershipRequested(group_id=GROUP), actor=AKIRA, event=event)


def members(tables: Tables) -> set[str]:
    ((count,),) = tables.rows("select member_count from groups")
    inside = {person for (person,) in tables.rows("select person from memberships where active = 1")}
    assert len(inside) == count
    return inside


def shown(tables: Tables) -> int:
    ((posts, comments),) = tables.rows(
        "select (select count(*) from posts where hidden = 0), (select count(*) from comments where hidden = 0)"
    )
    assert posts == comments
    return int(posts)


def write(tables: Tables, number: int, *, event: int = 0) -> None:
    """Publish a post and comment on it."""
    post_id = an_id(f"post-{number}", region="tokyo")
    comment = CommentAdded(comment_id=an_id(f"comment-{number}", region="tokyo"), post_id=post_id, body="e5")
    assert tables.apply(PostPublished(post_id=post_id, body="e4", group_id=GROUP), actor=AKIRA, event=event)
    assert tables.apply(comment, actor=AKIRA)


@pytest.mark.parametrize("join", [MembershipRequested(group_id=GROUP), MemberJoined(group_id=GROUP)])
def test_a_private_group_lets_in_whom_it_has_approved(join: Message) -> None:
    tables = founded()
    assert tables.apply(join, actor=AKIRA, event=7)
    assert members(tables) == {ANNA}

    assert decide(tables, MembershipApproved)

    assert members(tables) == {ANNA, AKIRA}


@pytest.mark.parametrize("visibility", [GROUP_VISIBILITY_PRIVATE, UNKNOWN])
def test_a_group_of_a_kind_that_is_not_known_is_private(visibility: Any) -> None:
    tables = founded(visibility=visibility)

    assert tables.rows("select private from groups") == [(1,)]


def test_an_approval_before_the_request_takes_effect_when_that_comes() -> None:
    tables = founded()
    assert decide(tables, MembershipApproved)

    ask(tables)

    assert members(tables) == {ANNA, AKIRA}


def test_an_approval_holds_for_the_join_that_it_names_and_for_no_other() -> None:
    tables = founded()
    ask(tables)
    assert decide(tables, MembershipApproved)
    assert tables.apply(MemberLeft(group_id=GROUP), actor=AKIRA)

    ask(tables, event=9)

    assert members(tables) == {ANNA}


def test_who_was_declined_can_still_be_approved() -> None:
    tables = founded()
    ask(tables)

    assert decide(tables, MembershipDeclined)
    assert members(tables) == {ANNA}
    assert decide(tables, MembershipApproved)
    assert members(tables) == {ANNA, AKIRA}


def test_a_removal_ends_the_join_that_it_names_for_good_and_no_other() -> None:
    tables = founded(visibility=0)
    assert tables.apply(MemberJoined(group_id=GROUP), actor=AKIRA, event=7)

    assert decide(tables, MemberRemoved)
    assert members(tables) == {ANNA}
    assert decide(tables, MembershipApproved)
    assert members(tables) == {ANNA}
    assert tables.apply(MemberJoined(group_id=GROUP), actor=AKIRA, event=9)
    assert members(tables) == {ANNA, AKIRA}


def test_what_somebody_wrote_stays_when_they_are_removed() -> None:
    tables = founded()
    ask(tables)
    assert decide(tables, MembershipApproved)
    write(tables, 1)

    assert decide(tables, MemberRemoved)

    assert shown(tables) == 1


def test_what_somebody_wrote_who_was_never_let_in_is_hidden() -> None:
    tables = founded()
    ask(tables)
    write(tables, 1)
    assert shown(tables) == 0

    assert decide(tables, MembershipApproved)

    assert shown(tables) == 1


def test_a_ban_hides_what_was_written_after_the_point_that_it_names_whichever_comes_first() -> None:
    before, after = founded(visibility=0), founded(visibility=0)
    for tables in (before, after):
        assert tables.apply(MemberJoined(group_id=GROUP), actor=AKIRA, event=7)
    assert before.apply(PostPublished(post_id=an_id("p", region="tokyo"), body="e4", group_id=GROUP), actor=AKIRA)
    write(before, 1, event=20)

    for tables in (before, after):
        assert decide(tables, MemberBanned, stays_until=15)
    assert after.apply(PostPublished(post_id=an_id("p", region="tokyo"), body="e4", group_id=GROUP), actor=AKIRA)
    write(after, 1, event=20)

    for tables in (before, after):
        assert members(tables) == {ANNA}
        assert tables.rows("select hidden from posts order by origin_sequence") == [(0,), (1,)]
        assert tables.rows("select comment_count from posts order by origin_sequence") == [(0,), (0,)]
        assert decide(tables, MemberUnbanned)
        assert tables.rows("select hidden from posts order by origin_sequence") == [(0,), (0,)]


def test_who_is_banned_joins_in_vain_until_they_are_unbanned() -> None:
    tables = founded(visibility=0)
    assert tables.apply(MemberJoined(group_id=GROUP), actor=AKIRA, event=7)
    assert decide(tables, MemberBanned, stays_until=8)
    assert tables.apply(MemberJoined(group_id=GROUP), actor=AKIRA, event=9)
    assert members(tables) == {ANNA}

    assert decide(tables, MemberUnbanned)

    assert members(tables) == {ANNA, AKIRA}


def test_a_ban_at_a_point_that_no_log_has_is_refused() -> None:
    tables = founded()

    assert not decide(tables, MemberBanned, stays_until=2**63)
    assert tables.rows("select * from bans") == []


@pytest.mark.parametrize("kind", [MemberRemoved, MemberBanned])
def test_who_is_sent_away_loses_their_role(kind: Any) -> None:
    tables = founded(visibility=0)
    given = MemberRoleSet(group_id=GROUP, person_id=AKIRA, role=GROUP_ROLE_MODERATOR)
    assert tables.apply(given, actor=ANNA, owner=GROUP)

    assert decide(tables, kind)

    assert tables.rows("select * from roles") == []


@pytest.mark.parametrize("kind", [MemberRemoved, MemberBanned])
def test_nobody_sends_the_owner_away_and_only_the_owner_a_moderator(kind: Any) -> None:
    tables = founded(visibility=0)
    for person in (AKIRA, BENGT):
        given = MemberRoleSet(group_id=GROUP, person_id=person, role=GROUP_ROLE_MODERATOR)
        assert tables.apply(given, actor=ANNA, owner=GROUP)

    assert not decide(tables, kind, ANNA, actor=ANNA)
    assert not decide(tables, kind, ANNA, actor=AKIRA)
    assert not decide(tables, kind, BENGT, actor=AKIRA)
    assert decide(tables, kind, BENGT, actor=ANNA)


@pytest.mark.parametrize("kind", [MembershipApproved, MembershipDeclined, MemberRemoved, MemberBanned, MemberUnbanned])
def test_only_a_moderator_decides_and_only_in_the_groups_register(kind: Any) -> None:
    tables = founded()
    ask(tables)
    decision = kind(group_id=GROUP, person_id=AKIRA, request_id=an_id("request"))

    for actor, owner in ((BENGT, GROUP), (AKIRA, AKIRA), (ANNA, an_id("other"))):
        assert not tables.apply(decision, actor=actor, owner=owner)


def test_the_owner_alone_says_what_a_group_is_called() -> None:
    tables = founded()
    updated = GroupUpdated(group_id=GROUP, name="Go", about="19 x 19")

    for actor, owner in ((BENGT, GROUP), (ANNA, ANNA), (ANNA, an_id("other"))):
        assert not tables.apply(updated, actor=actor, owner=owner)
    assert tables.apply(updated, actor=ANNA, owner=GROUP)
    assert tables.rows("select name, about, private from groups") == [("Go", "19 x 19", 1)]


def test_a_post_in_a_group_that_is_not_known_is_open_to_nobody_until_the_group_is_known_to_be_public() -> None:
    cases: list[tuple[GroupVisibility.ValueType, int]] = [(GROUP_VISIBILITY_PUBLIC, 1), (GROUP_VISIBILITY_PRIVATE, 0)]
    for visibility, is_open in cases:
        tables = Tables(feed_projection())
        assert tables.apply(MemberJoined(group_id=GROUP), actor=AKIRA)
        write(tables, 1)
        assert tables.rows("select open from posts") == [(0,)]

        created = GroupCreated(group_id=GROUP, name="Chess", visibility=visibility)
        assert tables.apply(created, actor=ANNA, owner=GROUP)

        assert tables.rows("select open from posts") == [(is_open,)]
