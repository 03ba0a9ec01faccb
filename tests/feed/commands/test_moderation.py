"""Hiding and restoring what stands in a group."""

from __future__ import annotations

import asyncio
from typing import TypeVar

import pytest

from samverka.feed.v1.feed_events_pb2 import (
    GROUP_ROLE_MEMBER,
    GROUP_ROLE_MODERATOR,
    MODERATION_ACTION_HIDE,
    ContentHidden,
    ContentRestored,
    ModerationDeclined,
    ModerationRequested,
)
from samverka.feed.v1.feed_views_pb2 import (
    MODERATION_STATE_DONE,
    Group,
    Post,
)
from services.chassis.limits import RECEIPT_KEPT_HOURS
from tests.feed.calls import (
    comment,
    create_group,
    delete,
    delete_comment,
    edit,
    get_comment,
    get_post,
    group_posts,
    hide,
    home,
    ids,
    join,
    person_page,
    publish,
    react,
    restore,
    set_role,
    thread,
)
from tests.support.services import WAIT_SECONDS_MAX, Member, Region, key, refusal


@pytest.fixture
async def group(anna: Member, bengt: Member) -> Group:
    """Anna's group, which Bengt moderates."""
    group = await create_group(anna)
    await join(bengt, group.id)
    await set_role(anna, group.id, bengt.id, GROUP_ROLE_MODERATOR)
    return group


@pytest.fixture
async def dora(region: Region, group: Group) -> Member:
    dora = await region.member("dora")
    await join(dora, group.id)
    return dora


@pytest.fixture
async def carla(region: Region, group: Group) -> Member:
    carla = await region.member("carla")
    await join(carla, group.id)
    return carla


@pytest.fixture
async def post(carla: Member, group: Group) -> Post:
    return await publish(carla, "spam", group_id=group.id)


Decided = TypeVar("Decided", ContentHidden, ModerationDeclined)


async def decided(region: Region, kind: type[Decided], number: int = 0) -> list[Decided]:
    """Return the decisions of one kind, once the policy has come to so many."""
    async with asyncio.timeout(WAIT_SECONDS_MAX):
        while len(events := await region.events(kind)) < number:
            await asyncio.sleep(0.001)
    return [kind.FromString(event.payload.value) for event in events]


async def seen(member: Member, post: Post) -> list[bool]:
    """Return where a member sees a post: the group, their home feed, its author's posts."""
    pages = (ids(await group_posts(member, post.group.id)), await home(member))
    return [post.id in page for page in (*pages, ids(await person_page(member, post.author.id)))]


async def test_what_is_hidden_is_in_no_list_and_there_for_its_author_and_moderators_alone(
    region: Region, anna: Member, bengt: Member, carla: Member, post: Post
) -> None:
    reader = await region.member("david")
    for member in (anna, bengt, reader):
        await member.follow(carla.id)

    moderation = await hide(bengt, post.id, reason="spam")

    assert (moderation.state, moderation.content_id) == (MODERATION_STATE_DONE, post.id)
    for member in (anna, bengt, carla, reader):
        assert await seen(member, post) == [False] * 3
    for member in (anna, bengt, carla):
        assert (await get_post(member, post.id)).hidden
    for call in (get_post, thread, comment, react, edit, delete):
        assert (await refusal(call(reader, post.id))).code in ("post_not_found", "target_not_found")

    assert (await restore(anna, post.id)).state == MODERATION_STATE_DONE
    for member in (anna, bengt, carla, reader):
        assert await seen(member, post) == [True] * 3
        assert not (await get_post(member, post.id)).hidden


async def test_the_moderator_is_the_actor_and_the_group_the_owner(region: Region, bengt: Member, post: Post) -> None:
    await hide(bengt, post.id, reason="spam")

    (decided,), (asked,) = await region.events(ContentHidden), await region.events(ModerationRequested)
    assert (decided.actor, asked.actor) == (bengt.id, bengt.id)
    entry = await region.log.read("", after=region.feed.runner.position.sequence - 1)
    assert entry is not None
    assert entry.subject == f"ev.stockholm.pub.feed.{post.group.id}"
    payload = ContentHidden.FromString(decided.payload.value)
    assert (payload.content_id, payload.reason) == (post.id, "spam")


async def test_a_hidden_comment_is_nowhere_and_not_counted(bengt: Member, carla: Member, post: Post) -> None:
    added = await comment(carla, post.id)

    await hide(bengt, added.id)

    for member in (bengt, carla):
        assert ids(await thread(member, post.id)) == []
        assert (await get_post(member, post.id)).comment_count == 0
        assert (await refusal(react(member, added.id))).code == "target_not_found"
    await restore(bengt, added.id)
    assert ids(await thread(carla, post.id)) == [added.id]
    assert (await get_post(carla, post.id)).comment_count == 1


async def test_a_hidden_comment_is_there_by_its_id_for_its_author_and_moderators_alone(
    anna: Member, bengt: Member, carla: Member, dora: Member, post: Post
) -> None:
    added = await comment(dora, post.id)
    assert not (await get_comment(carla, added.id)).hidden

    await hide(bengt, added.id)

    for member in (anna, bengt, dora):
        assert (await get_comment(member, added.id)).hidden
    assert (await refusal(get_comment(carla, added.id))).code == "comment_not_found"


async def test_authors_edit_and_delete_what_is_hidden(bengt: Member, carla: Member, post: Post) -> None:
    added = await comment(carla, post.id)
    for content in (added.id, post.id):
        await hide(bengt, content)

    assert (await edit(carla, post.id, "sorry")).hidden
    await delete_comment(carla, added.id)
    await delete(carla, post.id)

    for member in (bengt, carla):
        assert (await refusal(get_post(member, post.id))).code == "post_not_found"


async def test_only_moderators_hide_and_only_what_stands_in_their_group(
    anna: Member, bengt: Member, carla: Member, post: Post
) -> None:
    assert (await refusal(hide(carla, post.id))).code == "not_moderator"
    for content in ((await publish(anna)).id, anna.id, post.group.id):
        error = await refusal(hide(bengt, content))
        assert (error.code, error.field) == ("content_not_found", "content_id")
    elsewhere = await create_group(carla)
    assert (await refusal(hide(bengt, (await publish(carla, group_id=elsewhere.id)).id))).code == "not_moderator"
    assert (await refusal(hide(bengt, "post"))).code == "malformed_id"
    assert (await refusal(hide(bengt, post.id, reason="x" * 501))).code == "too_long"


async def test_one_key_asks_once_and_tells_what_has_become_of_it(region: Region, bengt: Member, post: Post) -> None:
    first = await hide(bengt, post.id, under="k1")
    await restore(bengt, post.id)

    assert await hide(bengt, post.id, under="k1") == first
    assert len(await region.events(ContentHidden)) == 1
    assert not (await get_post(bengt, post.id)).hidden


async def test_a_request_is_decided_once_also_when_its_key_is_long_forgotten(
    region: Region, anna: Member, bengt: Member, post: Post
) -> None:
    first = await hide(bengt, post.id, under="k1")
    await restore(bengt, post.id, under="k2")
    region.clock.advance((RECEIPT_KEPT_HOURS + 2) * 3600)
    await publish(anna, "a day later", context=key("k3"))

    assert await hide(bengt, post.id, under="k1") == first
    assert len(await region.events(ContentHidden)) == len(await region.events(ContentRestored)) == 1
    assert not (await get_post(bengt, post.id)).hidden


async def test_a_request_of_who_is_no_moderator_any_more_is_declined(
    region: Region, anna: Member, bengt: Member, post: Post
) -> None:
    asked = ModerationRequested(
        request_id=bengt.id, group_id=post.group.id, content_id=post.id, action=MODERATION_ACTION_HIDE
    )
    await set_role(anna, post.group.id, bengt.id, GROUP_ROLE_MEMBER)

    await region.assert_fact(asked, actor=bengt.id)
    (declined,) = await decided(region, ModerationDeclined, 1)

    assert declined.reason == "not_moderator"
    assert not (await get_post(anna, post.id)).hidden
    assert await decided(region, ContentHidden) == []


async def test_what_is_not_the_groups_and_what_is_not_understood_is_declined(
    region: Region, anna: Member, bengt: Member, group: Group
) -> None:
    free = await publish(anna)
    for number, (content, action) in enumerate(((free.id, 1), (free.id, 99))):
        request_id = (anna.id, bengt.id)[number]
        asked = ModerationRequested(request_id=request_id, group_id=group.id, content_id=content, action=action)  # type: ignore[arg-type]
        await region.assert_fact(asked, actor=bengt.id)

    assert {one.reason for one in await decided(region, ModerationDeclined, 2)} == {"not_of_group", "unknown_action"}
