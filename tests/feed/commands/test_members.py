"""Asking to be let into private groups, and what their moderators decide about members."""

from __future__ import annotations

import pytest

from samverka.feed.v1 import feed_service_pb2 as pb
from samverka.feed.v1.feed_events_pb2 import (
    GROUP_ROLE_MEMBER,
    GROUP_ROLE_MODERATOR,
    GROUP_ROLE_OWNER,
    GROUP_VISIBILITY_PRIVATE,
    GROUP_VISIBILITY_PUBLIC,
    GroupUpdated,
    MemberBanned,
    MembershipApproved,
    MembershipRequested,
)
from samverka.feed.v1.feed_views_pb2 import (
    MEMBERSHIP_STATE_DECLINED,
    MEMBERSHIP_STATE_MEMBER,
    MEMBERSHIP_STATE_PENDING,
    MODERATION_STATE_DONE,
    Group,
    MemberConnection,
)
from tests.feed.calls import (
    approve,
    ask_in,
    ban,
    create_group,
    create_private_group,
    get_group,
    group_members,
    group_posts,
    ids,
    join,
    leave,
    let_in,
    publish,
    remove,
    set_role,
    unban,
    update_group,
    waiting,
)
from tests.support.services import Member, Region, person_id, refusal


@pytest.fixture
async def board(anna: Member) -> Group:
    return await create_private_group(anna)


def people(page: MemberConnection) -> list[tuple[str, int]]:
    return [(edge.node.person.handle, edge.node.role) for edge in page.edges]


async def test_a_group_is_public_unless_it_is_to_be_private(anna: Member, board: Group) -> None:
    assert (await create_group(anna)).visibility == GROUP_VISIBILITY_PUBLIC
    assert board.visibility == GROUP_VISIBILITY_PRIVATE


async def test_who_asks_is_let_in_when_a_moderator_approves(anna: Member, bengt: Member, board: Group) -> None:
    asked = await ask_in(bengt, board.id, under="k1")
    assert (asked.state, asked.HasField("group")) == (MEMBERSHIP_STATE_PENDING, False)
    assert people(await waiting(anna, board.id)) == [("bengt", 0)]

    decided = await approve(anna, board.id, bengt.id)

    assert (decided.state, decided.person_id, decided.content_id) == (MODERATION_STATE_DONE, bengt.id, "")
    again = await ask_in(bengt, board.id, under="k1")
    assert (again.state, again.group.name) == (MEMBERSHIP_STATE_MEMBER, "Board")
    assert people(await waiting(anna, board.id)) == []
    assert people(await group_members(bengt, board.id)) == [("bengt", GROUP_ROLE_MEMBER), ("anna", GROUP_ROLE_OWNER)]
    await publish(bengt, group_id=board.id)


async def test_one_who_has_asked_does_not_ask_again(region: Region, bengt: Member, board: Group) -> None:
    for _ in range(3):
        await ask_in(bengt, board.id)

    assert len(await region.events(MembershipRequested)) == 1


async def test_who_was_declined_is_told_and_may_ask_again(anna: Member, bengt: Member, board: Group) -> None:
    await ask_in(bengt, board.id, under="k1")
    await remove(anna, board.id, bengt.id)
    assert (await ask_in(bengt, board.id, under="k1")).state == MEMBERSHIP_STATE_DECLINED
    assert people(await waiting(anna, board.id)) == []

    assert (await ask_in(bengt, board.id)).state == MEMBERSHIP_STATE_PENDING
    await approve(anna, board.id, bengt.id)
    assert (await get_group(bengt, board.id)).member_count == 2


async def test_who_takes_their_request_back_is_not_let_in(anna: Member, bengt: Member, board: Group) -> None:
    await ask_in(bengt, board.id)
    await leave(bengt, board.id)

    assert people(await waiting(anna, board.id)) == []
    assert (await refusal(approve(anna, board.id, bengt.id))).code == "member_not_found"
    assert (await refusal(leave(bengt, board.id))).code == "group_not_found"


async def test_a_public_group_is_joined_and_not_asked(anna: Member, bengt: Member) -> None:
    group = await create_group(anna)

    assert (await refusal(ask_in(bengt, group.id))).code == "group_public"


async def test_a_private_group_is_not_joined_unasked(anna: Member, bengt: Member, board: Group) -> None:
    await ask_in(bengt, board.id)

    assert (await refusal(join(bengt, board.id))).code == "group_not_found"
    assert (await refusal(publish(bengt, group_id=board.id))).code == "group_not_found"


async def test_who_is_removed_is_out_and_what_they_wrote_stays(anna: Member, bengt: Member) -> None:
    group = await create_group(anna)
    await join(bengt, group.id)
    post = await publish(bengt, group_id=group.id)

    await remove(anna, group.id, bengt.id)

    assert (await get_group(anna, group.id)).member_count == 1
    assert ids(await group_posts(anna, group.id)) == [post.id]
    assert (await refusal(publish(bengt, group_id=group.id))).code == "not_member"
    await join(bengt, group.id)
    assert (await get_group(anna, group.id)).member_count == 2


async def test_who_is_banned_does_not_join_again_until_they_are_unbanned(anna: Member, bengt: Member) -> None:
    group = await create_group(anna)
    await join(bengt, group.id)
    post = await publish(bengt, group_id=group.id)

    await ban(anna, group.id, bengt.id)

    assert ids(await group_posts(anna, group.id)) == [post.id]
    assert (await refusal(join(bengt, group.id))).code == "member_banned"
    await unban(anna, group.id, bengt.id)
    assert (await join(bengt, group.id)).member_count == 2
    assert (await refusal(unban(anna, group.id, bengt.id))).code == "member_not_found"


async def test_a_ban_names_how_far_the_log_of_the_banned_stays(region: Region, anna: Member, bengt: Member) -> None:
    group = await create_group(anna)
    await join(bengt, group.id)
    await publish(bengt, group_id=group.id)
    last = await region.log.last_sequence()

    await ban(anna, group.id, bengt.id)

    (event,) = await region.events(MemberBanned)
    assert MemberBanned.FromString(event.payload.value).stays_until == last + 1  # the moderator's own request


async def test_somebody_who_never_joined_can_be_banned_and_nobody_unknown(anna: Member, bengt: Member) -> None:
    group = await create_group(anna)

    await ban(anna, group.id, bengt.id)

    assert (await refusal(join(bengt, group.id))).code == "member_banned"
    assert (await refusal(ban(anna, group.id, person_id("nobody")))).code == "person_not_found"


async def test_who_is_banned_is_not_approved_and_not_told(anna: Member, bengt: Member, board: Group) -> None:
    await ban(anna, board.id, bengt.id)

    assert (await ask_in(bengt, board.id)).state == MEMBERSHIP_STATE_PENDING
    assert people(await waiting(anna, board.id)) == []
    decided = await approve(anna, board.id, bengt.id)
    assert decided.declined_reason == "member_banned"


async def test_nobody_but_a_moderator_decides_about_members(
    region: Region, anna: Member, bengt: Member, board: Group
) -> None:
    carla = await region.member("carla")
    await let_in(anna, board.id, bengt, carla)

    for decision in (approve, remove, ban, unban):
        error = await refusal(decision(bengt, board.id, carla.id))
        assert (error.code, error.field) == ("not_moderator", "group_id")
    assert (await refusal(waiting(bengt, board.id))).code == "not_moderator"


async def test_a_moderator_is_sent_away_by_the_owner_alone_and_the_owner_by_nobody(
    region: Region, anna: Member, bengt: Member
) -> None:
    group, carla = await create_group(anna), await region.member("carla")
    for member in (bengt, carla):
        await join(member, group.id)
        await set_role(anna, group.id, member.id, GROUP_ROLE_MODERATOR)

    for decision in (remove, ban):
        assert (await refusal(decision(bengt, group.id, carla.id))).code == "not_owner"
        assert (await refusal(decision(bengt, group.id, anna.id))).code == "owner_stays"
        assert (await refusal(decision(anna, group.id, anna.id))).code == "owner_stays"
    await remove(anna, group.id, carla.id)
    assert (await join(carla, group.id)).viewer_role == GROUP_ROLE_MEMBER


async def test_one_key_decides_once(region: Region, anna: Member, bengt: Member, board: Group) -> None:
    await ask_in(bengt, board.id)

    for _ in range(3):
        await approve(anna, board.id, bengt.id, under="k1")

    assert len(await region.events(MembershipApproved)) == 1


async def test_the_owner_says_anew_what_a_group_is(region: Region, anna: Member, bengt: Member) -> None:
    group = await create_group(anna, about="Thursdays")
    await join(bengt, group.id)

    assert (await update_group(anna, group.id, name="Go")).about == "Thursdays"
    assert (await update_group(anna, group.id, about="")).name == "Go"
    await update_group(anna, group.id, name="Go")
    assert len(await region.events(GroupUpdated)) == 2
    assert (await refusal(update_group(bengt, group.id, name="Chess"))).code == "not_owner"
    assert (await refusal(update_group(anna, group.id, name=""))).code == "empty"


@pytest.mark.parametrize("first", [1, 2])
async def test_members_are_read_page_by_page(region: Region, anna: Member, board: Group, first: int) -> None:
    names = [f"member-{n}" for n in range(4)]
    await let_in(anna, board.id, *[await region.member(name) for name in names])

    shown, after = [], ""
    while True:
        page = await group_members(anna, board.id, first=first, after=after)
        shown += [handle for handle, _ in people(page)]
        after = page.page_info.end_cursor
        if not page.page_info.has_next_page:
            break

    assert shown == [*reversed(names), "anna"]


async def test_a_visibility_that_is_not_known_is_refused(anna: Member) -> None:
    request = pb.CreateGroupRequest(name="Chess", visibility=7)  # type: ignore[arg-type]

    error = await refusal(anna.ask(anna.region.feed.feed.CreateGroup, request))

    assert (error.code, error.field) == ("unknown_visibility", "visibility")
