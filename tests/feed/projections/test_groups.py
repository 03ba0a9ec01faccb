"""What the feed makes of groups' facts, forged ones too."""

from __future__ import annotations

from samverka.feed.v1.feed_events_pb2 import (
    GROUP_ROLE_MEMBER,
    GROUP_ROLE_MODERATOR,
    GROUP_ROLE_OWNER,
    GROUP_ROLE_UNSPECIFIED,
    GroupCreated,
    GroupRole,
    MemberJoined,
    MemberLeft,
    MemberRoleSet,
    PostPublished,
)
from services.feed.projections import feed_projection
from tests.support.tables import Tables, an_id

ANNA, BENGT, AKIRA = an_id("anna"), an_id("bengt"), an_id("akira", region="tokyo")
GROUP, OTHER = an_id("group"), an_id("group", region="tokyo")
CREATED = GroupCreated(group_id=GROUP, name="Chess")


def founded() -> Tables:
    tables = Tables(feed_projection())
    assert tables.apply(CREATED, actor=ANNA, owner=GROUP)
    return tables


def members(tables: Tables) -> int:
    ((count,),) = tables.rows("select member_count from groups")
    return int(count)


def roles(tables: Tables) -> list[tuple[str, int]]:
    return [(person, role) for person, role in tables.rows("select person, role from roles")]


def test_a_group_is_created_once_and_its_creator_is_in_it() -> None:
    tables = founded()

    assert not tables.apply(GroupCreated(group_id=GROUP, name="Go"), actor=BENGT, owner=GROUP)
    assert tables.rows("select owner, name from groups") == [(ANNA, "Chess")]
    assert members(tables) == 1


def test_a_group_is_created_where_its_creator_lives_and_in_its_own_register() -> None:
    tables = Tables(feed_projection())

    assert not tables.apply(CREATED, actor=AKIRA, owner=GROUP)
    assert not tables.apply(CREATED, actor=ANNA, owner=an_id("another"))
    assert not tables.apply(CREATED, actor=AKIRA, owner=OTHER)
    assert tables.rows("select * from groups") == []


def test_those_who_joined_before_the_group_came_are_counted_when_it_does() -> None:
    tables = Tables(feed_projection())
    for person in (AKIRA, BENGT):
        assert tables.apply(MemberJoined(group_id=GROUP), actor=person)
    assert tables.apply(MemberLeft(group_id=GROUP), actor=BENGT)

    assert tables.apply(CREATED, actor=ANNA, owner=GROUP)

    assert members(tables) == 2


def test_joining_and_leaving_count_once_however_often_they_are_said() -> None:
    tables = founded()
    for _ in range(3):
        tables.apply(MemberJoined(group_id=GROUP), actor=AKIRA)
    assert members(tables) == 2

    for _ in range(3):
        tables.apply(MemberLeft(group_id=GROUP), actor=AKIRA)
    assert members(tables) == 1


def test_only_its_owner_gives_roles_and_only_in_the_groups_register() -> None:
    tables = founded()
    given = MemberRoleSet(group_id=GROUP, person_id=BENGT, role=GROUP_ROLE_MODERATOR)

    for actor, owner in ((BENGT, GROUP), (AKIRA, GROUP), (ANNA, OTHER), (ANNA, ANNA)):
        assert not tables.apply(given, actor=actor, owner=owner)
    assert roles(tables) == []
    assert tables.apply(given, actor=ANNA, owner=GROUP)
    assert roles(tables) == [(BENGT, GROUP_ROLE_MODERATOR)]


def test_nobody_is_made_owner_and_the_owner_nothing_less() -> None:
    tables = founded()

    cases: list[tuple[str, GroupRole.ValueType]] = [(BENGT, GROUP_ROLE_OWNER), (ANNA, GROUP_ROLE_MEMBER)]
    cases.append((BENGT, GROUP_ROLE_UNSPECIFIED))
    for person, role in cases:
        given = MemberRoleSet(group_id=GROUP, person_id=person, role=role)
        assert not tables.apply(given, actor=ANNA, owner=GROUP)
    assert roles(tables) == []


def test_only_a_member_posts_into_a_group_and_only_as_far_as_they_joined_it() -> None:
    tables = founded()
    post = PostPublished(post_id=an_id("post"), body="e4", group_id=GROUP)

    assert not tables.apply(post, actor=BENGT)
    assert tables.apply(MemberJoined(group_id=GROUP), actor=BENGT)
    assert not tables.apply(post, actor=BENGT, local=True)
    assert tables.apply(post, actor=BENGT)
    assert tables.apply(MemberLeft(group_id=GROUP), actor=BENGT)
    assert not tables.apply(PostPublished(post_id=an_id("next"), body="e5", group_id=GROUP), actor=BENGT)
