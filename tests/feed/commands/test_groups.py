"""Creating, joining and leaving groups, giving roles in them, and posting into them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

import pytest

from samverka.feed.v1.feed_events_pb2 import (
    GROUP_ROLE_MEMBER,
    GROUP_ROLE_MODERATOR,
    GROUP_ROLE_OWNER,
    GROUP_ROLE_UNSPECIFIED,
    GroupCreated,
    GroupRole,
    MemberJoined,
    MemberRoleSet,
)
from samverka.feed.v1.feed_views_pb2 import REACH_LOCAL, REACH_NETWORK, Reach
from services.feed.domain import groups as domain
from tests.feed.calls import (
    ask_in,
    create_group,
    create_private_group,
    get_group,
    get_post,
    group_posts,
    ids,
    join,
    leave,
    publish,
    remove,
    set_role,
)
from tests.support.services import Member, Region, key, person_id, refusal


async def test_a_group_shows_what_it_is_and_who_asks(anna: Member, bengt: Member) -> None:
    group = await create_group(anna, "Chess", about="Every *Thursday*")

    assert (group.name, group.about, group.region) == ("Chess", "Every *Thursday*", "stockholm")
    assert (group.reach, group.member_count, group.viewer_role) == (REACH_NETWORK, 1, GROUP_ROLE_OWNER)
    assert await get_group(anna, group.id) == group
    assert (await get_group(bengt, group.id)).viewer_role == GROUP_ROLE_UNSPECIFIED


async def test_one_key_creates_one_group_at_whichever_replica(region: Region, anna: Member) -> None:
    replicas = (region.feed, await region.add_feed())

    groups = await asyncio.gather(*(create_group(anna, under="k1", replica=replicas[n % 2]) for n in range(10)))

    assert len({group.id for group in groups}) == 1
    assert len(await region.events(GroupCreated)) == 1
    assert (await refusal(create_group(anna, "Go", under="k1"))).code == "idempotency_key_reused"


@pytest.mark.parametrize(
    ("name", "about", "code", "field"),
    [
        ("", "", "empty", "name"),
        ("x" * 81, "", "too_long", "name"),
        ("two\nlines", "", "control_characters", "name"),
        ("Chess", "x" * 4_001, "too_long", "about"),
    ],
)
async def test_what_is_no_group_is_refused(anna: Member, name: str, about: str, code: str, field: str) -> None:
    error = await refusal(create_group(anna, name, about=about))

    assert (error.code, error.field) == (code, field)


async def test_nobody_is_in_more_groups_than_a_home_feed_can_look_at(
    anna: Member, bengt: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = await create_group(anna, "Chess"), await create_group(anna, "Go")
    board = await create_private_group(anna)
    monkeypatch.setattr(domain, "JOINED_GROUPS_MAX", 2)
    await join(bengt, first.id)
    await ask_in(bengt, board.id)

    assert (await refusal(join(bengt, second.id))).code == "too_many_groups"
    assert (await refusal(create_group(bengt, "Bridge"))).code == "too_many_groups"
    await join(bengt, first.id)  # in which they are already
    await remove(anna, board.id, bengt.id)
    await join(bengt, second.id)
    assert (await refusal(ask_in(bengt, board.id))).code == "too_many_groups"


async def test_joining_and_leaving_are_counted(region: Region, anna: Member, bengt: Member) -> None:
    group = await create_group(anna)

    joined = [await join(bengt, group.id) for _ in range(2)]
    assert [(shown.member_count, shown.viewer_role) for shown in joined] == [(2, GROUP_ROLE_MEMBER)] * 2
    assert len(await region.events(MemberJoined)) == 1

    left = [await leave(bengt, group.id) for _ in range(2)]
    assert [(shown.member_count, shown.viewer_role) for shown in left] == [(1, GROUP_ROLE_UNSPECIFIED)] * 2
    assert (await refusal(leave(anna, group.id))).code == "owner_stays"


async def test_there_must_be_a_group_and_a_person(region: Region, anna: Member) -> None:
    group = await create_group(anna)
    stranger = Member(region, "stranger", person_id("stranger"))

    for call in (create_group(stranger), join(stranger, group.id)):
        assert (await refusal(call)).code == "person_not_found"
    for unknown in (anna.id, person_id("none", region="tokyo")):
        calls: tuple[Awaitable[Any], ...] = (
            join(anna, unknown),
            leave(anna, unknown),
            set_role(anna, unknown, anna.id, GROUP_ROLE_MEMBER),
            get_group(anna, unknown),
            group_posts(anna, unknown),
            publish(anna, group_id=unknown),
        )
        for asked in calls:
            error = await refusal(asked)
            assert (type(error).__name__, error.code, error.field) == ("NotFound", "group_not_found", "group_id")
    assert (await refusal(join(anna, "group"))).code == "malformed_id"


async def test_the_owner_gives_members_roles(region: Region, anna: Member, bengt: Member) -> None:
    group = await create_group(anna)
    await join(bengt, group.id)

    for _ in range(2):
        await set_role(anna, group.id, bengt.id, GROUP_ROLE_MODERATOR)
    assert (await get_group(bengt, group.id)).viewer_role == GROUP_ROLE_MODERATOR
    assert len(await region.events(MemberRoleSet)) == 1
    await set_role(anna, group.id, bengt.id, GROUP_ROLE_MEMBER)
    assert (await get_group(bengt, group.id)).viewer_role == GROUP_ROLE_MEMBER


async def test_a_role_holds_while_one_is_a_member(anna: Member, bengt: Member) -> None:
    group = await create_group(anna)
    await join(bengt, group.id)
    await set_role(anna, group.id, bengt.id, GROUP_ROLE_MODERATOR)

    assert (await leave(bengt, group.id)).viewer_role == GROUP_ROLE_UNSPECIFIED
    assert (await join(bengt, group.id)).viewer_role == GROUP_ROLE_MODERATOR


async def test_the_role_of_who_has_left_can_be_taken_back(anna: Member, bengt: Member) -> None:
    group = await create_group(anna)
    await join(bengt, group.id)
    await set_role(anna, group.id, bengt.id, GROUP_ROLE_MODERATOR)
    await leave(bengt, group.id)

    await set_role(anna, group.id, bengt.id, GROUP_ROLE_MEMBER)

    assert (await refusal(set_role(anna, group.id, bengt.id, GROUP_ROLE_MEMBER))).code == "member_not_found"
    assert (await join(bengt, group.id)).viewer_role == GROUP_ROLE_MEMBER


async def test_roles_are_given_by_the_owner_to_members_and_there_are_two(anna: Member, bengt: Member) -> None:
    group = await create_group(anna)

    async def code(member: Member, person: str, role: GroupRole.ValueType) -> str:
        return (await refusal(set_role(member, group.id, person, role))).code

    assert await code(anna, bengt.id, GROUP_ROLE_MODERATOR) == "member_not_found"
    await join(bengt, group.id)
    assert await code(bengt, bengt.id, GROUP_ROLE_MODERATOR) == "not_owner"
    assert await code(anna, anna.id, GROUP_ROLE_MEMBER) == "owner_stays"
    for role in (GROUP_ROLE_OWNER, GROUP_ROLE_UNSPECIFIED):
        assert await code(anna, bengt.id, role) == "unknown_role"


async def test_members_post_into_their_group(anna: Member, bengt: Member) -> None:
    group = await create_group(anna, "Chess")

    assert (await refusal(publish(bengt, group_id=group.id))).code == "not_member"
    await join(bengt, group.id)
    post = await publish(bengt, "e4", group_id=group.id)

    assert (post.group.id, post.group.name) == (group.id, "Chess")
    assert (await get_post(anna, post.id)).group == post.group
    assert ids(await group_posts(anna, group.id)) == [post.id]
    await leave(bengt, group.id)
    assert (await refusal(publish(bengt, group_id=group.id))).code == "not_member"


@pytest.mark.parametrize(("of_group", "other"), [(REACH_NETWORK, REACH_LOCAL), (REACH_LOCAL, REACH_NETWORK)])
async def test_what_is_posted_into_a_group_has_its_reach(
    anna: Member, of_group: Reach.ValueType, other: Reach.ValueType
) -> None:
    group = await create_group(anna, reach=of_group)

    error = await refusal(publish(anna, group_id=group.id, reach=other))
    assert (error.code, error.field) == ("reach_of_group", "reach")
    for post in (await publish(anna, group_id=group.id), await publish(anna, group_id=group.id, reach=of_group)):
        assert post.reach == of_group


async def test_one_key_posts_once_also_after_leaving(anna: Member, bengt: Member) -> None:
    group = await create_group(anna)
    await join(bengt, group.id)
    post = await publish(bengt, group_id=group.id, context=key("k1"))
    await leave(bengt, group.id)

    assert (await publish(bengt, group_id=group.id, context=key("k1"))).id == post.id
