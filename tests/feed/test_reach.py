"""What stays in a region is nowhere else: not the thing, not what hangs on it, not a trace in another region's log."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from pathlib import Path
from typing import Any

import pytest

from samverka.feed.v1.feed_events_pb2 import GROUP_ROLE_MODERATOR
from samverka.feed.v1.feed_views_pb2 import REACH_LOCAL, REACH_NETWORK, Group, Post
from services.chassis.ids import derive
from services.chassis.origins import digest_origins
from services.feed.projections import REGISTERS
from tests.feed.calls import (
    comment,
    create_group,
    delete,
    delete_comment,
    edit,
    get_group,
    get_post,
    group_posts,
    groups_page,
    hide,
    home,
    ids,
    join,
    leave,
    person_page,
    publish,
    react,
    restore,
    set_role,
    thread,
    unreact,
)
from tests.support.services import Member, Region, federate, open_region, refusal


@pytest.fixture
async def tokyo(tmp_path: Path) -> AsyncIterator[Region]:
    async with open_region(tmp_path / "tokyo", name="tokyo") as region:
        yield region


@pytest.fixture
async def akira(tokyo: Region, region: Region, anna: Member) -> Member:
    """Somebody in Tokyo who follows Anna."""
    akira = await tokyo.member("akira")
    await federate(region, tokyo)
    await akira.follow(anna.id)
    return akira


async def written(region: Region) -> list[str]:
    """Return the subjects of all that the feed has written in a region, in order."""
    subjects, after = [], 0
    while entry := await region.log.read(f"ev.{region.name}.*.feed.*", after=after):
        after = entry.sequence
        subjects.append(entry.subject)
    return subjects


async def everything_local(anna: Member, bengt: Member) -> tuple[Post, Post, Group, list[str]]:
    """Do all that can be done with a local post and a local group; return them, a post in it, and the ids of all of it."""
    post = await publish(anna, "our canteen", reach=REACH_LOCAL)
    added = await comment(bengt, post.id, "our soup")
    gone = await comment(bengt, post.id)
    await delete_comment(bengt, gone.id)
    await react(bengt, post.id)
    await react(anna, added.id)
    await unreact(anna, added.id)
    await edit(anna, post.id, "our new canteen")
    await delete(anna, (await publish(anna, reach=REACH_LOCAL)).id)
    group = await create_group(anna, "Stockholm only", reach=REACH_LOCAL)
    await join(bengt, group.id)
    await set_role(anna, group.id, bengt.id, GROUP_ROLE_MODERATOR)
    inside = await publish(bengt, "inside", group_id=group.id)
    await hide(anna, inside.id)
    await restore(bengt, inside.id)
    await leave(bengt, group.id)
    return post, inside, group, [post.id, added.id, gone.id, group.id, inside.id]


async def test_all_that_hangs_on_what_is_local_is_local(region: Region, anna: Member, bengt: Member) -> None:
    post, inside, group, _ = await everything_local(anna, bengt)

    subjects = await written(region)
    assert len(subjects) == 19
    assert {subject.split(".")[2] for subject in subjects} == {"local"}
    assert (post.reach, inside.reach, group.reach) == (REACH_LOCAL,) * 3
    shown = await get_post(bengt, post.id)
    assert (shown.body, shown.comment_count, len(shown.reactions)) == ("our new canteen", 1, 1)
    assert ids(await group_posts(anna, group.id)) == [inside.id]


async def test_what_is_public_goes_to_the_whole_network(region: Region, anna: Member, bengt: Member) -> None:
    group = await create_group(anna)
    await join(bengt, group.id)
    post = await publish(bengt, group_id=group.id)
    await comment(anna, post.id)
    await hide(anna, post.id)
    await publish(anna, reach=REACH_NETWORK)

    assert {subject.split(".")[2] for subject in await written(region)} == {"pub"}


async def test_nothing_local_is_known_elsewhere(
    region: Region, tokyo: Region, anna: Member, bengt: Member, akira: Member
) -> None:
    public = await publish(anna, "for all")
    post, inside, group, secret = await everything_local(anna, bengt)

    await federate(region, tokyo)

    after = 0
    while entry := await tokyo.log.read("", after=after):
        after = entry.sequence
        assert not any(name.encode() in entry.data or name in entry.subject for name in secret)
        assert b"canteen" not in entry.data
    assert await home(akira) == ids(await person_page(akira, anna.id)) == [public.id]
    assert ids(await groups_page(akira)) == []
    never = derive("stockholm", "never there")
    for local in (post.id, inside.id, group.id):
        assert await tried(akira, local) == await tried(akira, never)
        assert {code for _, code, _ in await tried(akira, local)} == {
            "post_not_found",
            "target_not_found",
            "comment_not_found",
            "content_not_found",
            "group_not_found",
        }


async def tried(member: Member, identifier: str) -> list[tuple[str, str, str]]:
    """Return the errors of all that can be tried with something that is not there."""
    attempts: tuple[Awaitable[Any], ...] = (
        get_post(member, identifier),
        thread(member, identifier),
        edit(member, identifier),
        delete(member, identifier),
        comment(member, identifier),
        delete_comment(member, identifier),
        react(member, identifier),
        unreact(member, identifier),
        hide(member, identifier),
        restore(member, identifier),
        get_group(member, identifier),
        group_posts(member, identifier),
        join(member, identifier),
        leave(member, identifier),
        publish(member, group_id=identifier),
        set_role(member, identifier, member.id, GROUP_ROLE_MODERATOR),
    )
    errors = [await refusal(attempt) for attempt in attempts]
    return [(error.message, error.code, error.field) for error in errors]


async def test_regions_agree_whatever_stays_in_one_of_them(
    region: Region, tokyo: Region, anna: Member, bengt: Member, akira: Member
) -> None:
    group = await create_group(anna)
    await federate(region, tokyo)
    await join(akira, group.id)
    post = await publish(akira, group_id=group.id)
    await federate(tokyo, region)
    await everything_local(anna, bengt)
    await hide(anna, post.id)
    await federate(region, tokyo)

    digests = [
        {
            held.origin: held.sha256
            for held in await each.feed.runner.store.read(lambda db: digest_origins(db, REGISTERS))
        }
        for each in (region, tokyo)
    ]
    assert digests[0] == digests[1]
    assert set(digests[0]) == {"stockholm", "tokyo"}
