"""A moderator anywhere asks, the group's home decides, once, and every region sees what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from google.protobuf.message import Message

from samverka.feed.v1.feed_events_pb2 import (
    GROUP_ROLE_MEMBER,
    GROUP_ROLE_MODERATOR,
    ContentHidden,
    ContentRestored,
    MemberBanned,
    MemberRemoved,
    MembershipApproved,
    ModerationDeclined,
    ModerationRequested,
)
from samverka.feed.v1.feed_views_pb2 import (
    MODERATION_STATE_DECLINED,
    MODERATION_STATE_DONE,
    MODERATION_STATE_PENDING,
    Group,
)
from services.chassis.errors import Unavailable
from services.chassis.eventlog.port import Expectation
from tests.feed.calls import (
    approve,
    ask_in,
    ban,
    comment,
    create_group,
    create_private_group,
    get_group,
    get_post,
    group_posts,
    groups_page,
    hide,
    home,
    ids,
    join,
    publish,
    remove,
    restore,
    set_role,
    thread,
)
from tests.support.services import WAIT_SECONDS_MAX, Member, Region, federate, open_region, refusal


@pytest.fixture
async def tokyo(tmp_path: Path) -> AsyncIterator[Region]:
    async with open_region(tmp_path / "tokyo", name="tokyo") as region:
        yield region


@pytest.fixture
async def akira(tokyo: Region) -> Member:
    return await tokyo.member("akira")


@pytest.fixture
async def group(region: Region, tokyo: Region, anna: Member, akira: Member) -> Group:
    """Anna's group in Stockholm, which Akira moderates from Tokyo."""
    group = await create_group(anna)
    await federate(region, tokyo)
    await join(akira, group.id)
    await federate(tokyo, region)
    await set_role(anna, group.id, akira.id, GROUP_ROLE_MODERATOR)
    await federate(region, tokyo)
    return group


async def decided(region: Region, kind: type[Message], number: int) -> None:
    """Wait until a region has decided so many requests one way, and applied it."""
    async with asyncio.timeout(WAIT_SECONDS_MAX):
        while len(await region.events(kind)) < number:
            await asyncio.sleep(0.001)
    await region.settle()


async def test_a_request_from_elsewhere_waits_until_home_has_seen_it(
    region: Region, tokyo: Region, anna: Member, akira: Member, group: Group
) -> None:
    post = await publish(anna, "spam", group_id=group.id)
    await federate(region, tokyo)

    assert (await hide(akira, post.id, under="k1")).state == MODERATION_STATE_PENDING
    assert ids(await group_posts(akira, group.id)) == [post.id]
    assert await tokyo.events(ContentHidden) == []

    await federate(tokyo, region)
    await decided(region, ContentHidden, 1)
    assert ids(await group_posts(anna, group.id)) == []
    assert (await hide(akira, post.id, under="k1")).state == MODERATION_STATE_PENDING

    await federate(region, tokyo)
    assert ids(await group_posts(akira, group.id)) == []
    assert (await get_post(akira, post.id)).hidden
    assert (await hide(akira, post.id, under="k1")).state == MODERATION_STATE_DONE
    (event,) = await region.events(ContentHidden)
    assert (event.origin, event.actor) == ("stockholm", akira.id)


async def test_a_group_hides_what_has_not_come_home_yet(
    region: Region, tokyo: Region, anna: Member, akira: Member, group: Group, tmp_path: Path
) -> None:
    async with open_region(tmp_path / "lima", name="lima") as lima:
        luz = await lima.member("luz")
        await federate(region, lima)
        await join(luz, group.id)
        post = await publish(luz, "spam", group_id=group.id)
        added = await comment(luz, post.id, "more spam")
        await federate(lima, tokyo)
        for content in (added, post):
            assert (await hide(akira, content.id)).state == MODERATION_STATE_PENDING
        await federate(tokyo, region)
        await decided(region, ContentHidden, 2)

        await federate(lima, region)
        await federate(region, lima)

        for member in (anna, luz):
            assert ids(await group_posts(member, group.id)) == []
            assert (await get_post(member, post.id)).comment_count == 0
            assert ids(await thread(member, post.id)) == []


async def test_each_of_many_requests_is_decided_once_at_several_replicas(
    region: Region, tokyo: Region, anna: Member, akira: Member, group: Group
) -> None:
    for _ in range(2):
        await region.add_feed()
    posts = [(await publish(anna, f"number {n}", group_id=group.id)).id for n in range(40)]
    await federate(region, tokyo)
    for post in posts:
        await hide(akira, post)

    await federate(tokyo, region)
    await decided(region, ContentHidden, len(posts))

    hidden = [ContentHidden.FromString(event.payload.value) for event in await region.events(ContentHidden)]
    assert sorted(one.content_id for one in hidden) == sorted(posts)
    assert len({one.request_id for one in hidden}) == len(posts)
    digests = [await replica.digest() for replica in region.replicas[1:]]
    assert digests == [digests[0]] * 3


async def test_what_a_moderator_said_last_holds_also_where_what_they_said_before_could_not_be_decided_at_first(
    region: Region, tokyo: Region, anna: Member, akira: Member, group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = await publish(anna, group_id=group.id)
    await federate(region, tokyo)
    await hide(akira, post.id)
    await restore(akira, post.id)
    append, failures = region.log.append, ["once"]

    async def append_later(entry_id: str, subject: str, data: bytes, *, expected: Expectation | None = None) -> int:
        if expected is not None and failures:
            raise Unavailable(failures.pop())
        return await append(entry_id, subject, data, expected=expected)

    monkeypatch.setattr(region.log, "append", append_later)
    await federate(tokyo, region)
    await decided(region, ContentRestored, 1)
    region.clock.advance(5)
    assert region.feed.policy is not None
    await region.feed.policy.look()
    await decided(region, ContentHidden, 1)

    assert not failures
    assert ids(await group_posts(anna, group.id)) == [post.id]


async def test_who_lost_the_role_meanwhile_is_declined_and_told(
    region: Region, tokyo: Region, anna: Member, akira: Member, group: Group
) -> None:
    post = await publish(anna, group_id=group.id)
    await federate(region, tokyo)
    await hide(akira, post.id, under="k1")
    await set_role(anna, group.id, akira.id, GROUP_ROLE_MEMBER)

    await federate(tokyo, region)
    await decided(region, ModerationDeclined, 1)
    await federate(region, tokyo)

    told = await hide(akira, post.id, under="k1")
    assert (told.state, told.declined_reason) == (MODERATION_STATE_DECLINED, "not_moderator")
    for member in (anna, akira):
        assert ids(await group_posts(member, group.id)) == [post.id]
    assert (await refusal(hide(akira, post.id))).code == "not_moderator"


async def test_what_was_decided_before_a_restart_is_not_decided_again(
    region: Region, tokyo: Region, anna: Member, akira: Member, group: Group
) -> None:
    post = await publish(anna, group_id=group.id)
    await federate(region, tokyo)
    await hide(akira, post.id)
    await federate(tokyo, region)
    await decided(region, ContentHidden, 1)

    fresh = await region.add_feed()
    await region.settle()
    assert fresh.policy is not None
    await fresh.policy.look()

    assert len(await region.events(ContentHidden)) == 1
    assert len(await region.events(ModerationRequested)) == 1


async def test_a_private_group_lets_somebody_in_from_elsewhere_when_its_home_has_approved(
    region: Region, tokyo: Region, anna: Member, akira: Member
) -> None:
    board = await create_private_group(anna)
    post = await publish(anna, "secret", group_id=board.id)
    await federate(region, tokyo)
    await akira.follow(anna.id)
    assert ids(await groups_page(akira)) == await home(akira) == []

    await ask_in(akira, board.id)
    await federate(tokyo, region)
    await approve(anna, board.id, akira.id)
    assert await home(akira) == []
    await federate(region, tokyo)

    assert await home(akira) == ids(await group_posts(akira, board.id)) == [post.id]


async def test_a_moderator_elsewhere_lets_somebody_in_and_sends_them_away_through_the_groups_home(
    region: Region, tokyo: Region, anna: Member, akira: Member, bengt: Member
) -> None:
    board = await create_private_group(anna)
    await federate(region, tokyo)
    await ask_in(akira, board.id)
    await federate(tokyo, region)
    await approve(anna, board.id, akira.id)
    await set_role(anna, board.id, akira.id, GROUP_ROLE_MODERATOR)
    await ask_in(bengt, board.id)
    await federate(region, tokyo)

    assert (await approve(akira, board.id, bengt.id)).state == MODERATION_STATE_PENDING
    await federate(tokyo, region)
    await decided(region, MembershipApproved, 2)
    assert ids(await group_posts(bengt, board.id)) == []

    await federate(region, tokyo)
    assert (await remove(akira, board.id, bengt.id)).state == MODERATION_STATE_PENDING
    await federate(tokyo, region)
    await decided(region, MemberRemoved, 1)
    assert (await refusal(group_posts(bengt, board.id))).code == "group_not_found"


async def test_who_is_sent_away_before_it_is_known_that_they_were_let_in_is_not_a_member(
    region: Region, tokyo: Region, anna: Member, akira: Member, bengt: Member
) -> None:
    board = await create_private_group(anna)
    await federate(region, tokyo)
    await ask_in(akira, board.id)
    await federate(tokyo, region)
    await approve(anna, board.id, akira.id)
    await set_role(anna, board.id, akira.id, GROUP_ROLE_MODERATOR)
    await ask_in(bengt, board.id)
    await federate(region, tokyo)

    await approve(akira, board.id, bengt.id)
    await remove(akira, board.id, bengt.id, under="k1")
    await federate(tokyo, region)
    await decided(region, MemberRemoved, 1)

    assert (await refusal(group_posts(bengt, board.id))).code == "group_not_found"
    assert (await get_group(anna, board.id)).member_count == 2
    await federate(region, tokyo)
    assert (await remove(akira, board.id, bengt.id, under="k1")).state == MODERATION_STATE_DONE


async def test_what_was_written_elsewhere_before_a_ban_was_heard_of_is_hidden_everywhere(
    region: Region, tokyo: Region, anna: Member, akira: Member, group: Group
) -> None:
    stays = await publish(akira, "before", group_id=group.id)
    await federate(tokyo, region)
    await ban(anna, group.id, akira.id)
    await decided(region, MemberBanned, 1)

    late = await publish(akira, "spam", group_id=group.id)
    await comment(akira, stays.id, "spam too")
    await federate(tokyo, region)
    await federate(region, tokyo)

    for member in (anna, akira):
        assert ids(await group_posts(member, group.id)) == [stays.id]
        assert ids(await thread(member, stays.id)) == []
        assert (await get_post(member, stays.id)).comment_count == 0
    assert (await get_post(akira, late.id)).hidden
    assert (await refusal(publish(akira, group_id=group.id))).code == "not_member"
    assert (await get_group(anna, group.id)).member_count == 1


async def test_a_removal_that_was_asked_for_before_a_new_join_does_not_end_that(
    region: Region, tokyo: Region, anna: Member, akira: Member, bengt: Member, group: Group
) -> None:
    await join(bengt, group.id)
    await federate(region, tokyo)
    await remove(akira, group.id, bengt.id)
    await remove(anna, group.id, bengt.id)
    await join(bengt, group.id)

    await federate(tokyo, region)
    await decided(region, MemberRemoved, 2)

    assert (await get_group(anna, group.id)).member_count == 3
