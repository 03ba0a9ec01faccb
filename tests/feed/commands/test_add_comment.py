"""Commenting on a post."""

from __future__ import annotations

import asyncio

import pytest

from samverka.feed.v1.feed_events_pb2 import CommentAdded
from services.chassis.limits import RECEIPT_KEPT_HOURS
from tests.feed.calls import comment, delete, get_post, ids, publish, thread
from tests.support.services import Member, Region, key, person_id, refusal


async def test_a_comment_stands_below_its_post_and_is_counted(anna: Member, bengt: Member) -> None:
    post = await publish(anna)

    added = await comment(bengt, post.id, "Bra!")

    assert (added.post_id, added.body, added.author.handle) == (post.id, "Bra!", "bengt")
    assert (await get_post(anna, post.id)).comment_count == 1
    assert [edge.node for edge in (await thread(anna, post.id)).edges] == [added]


async def test_one_key_adds_one_comment(region: Region, anna: Member) -> None:
    post = await publish(anna)

    added = await asyncio.gather(*(comment(anna, post.id, under="k1") for _ in range(5)))

    assert len({one.id for one in added}) == 1
    assert len(await region.events(CommentAdded)) == 1
    assert (await refusal(comment(anna, post.id, "other", under="k1"))).code == "idempotency_key_reused"


async def test_a_key_makes_no_second_comment_when_it_is_long_forgotten(region: Region, anna: Member) -> None:
    post = await publish(anna)
    first = await comment(anna, post.id, "indeed", under="k1")
    region.clock.advance((RECEIPT_KEPT_HOURS + 2) * 3600)
    await publish(anna, "a day later", context=key("k2"))

    assert await comment(anna, post.id, "or not", under="k1") == first
    assert len(await region.events(CommentAdded)) == 1


async def test_many_at_once_are_all_counted(anna: Member, bengt: Member) -> None:
    post = await publish(anna)

    added = await asyncio.gather(*(comment((anna, bengt)[n % 2], post.id, f"number {n}") for n in range(20)))

    assert (await get_post(anna, post.id)).comment_count == 20
    assert sorted(ids(await thread(anna, post.id))) == sorted(one.id for one in added)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", "empty"),
        ("\u2003", "empty"),
        ("x" * 8_001, "too_long"),
        ("😀" * 8_001, "too_long"),
        ("\x7f", "control_characters"),
    ],
)
async def test_a_body_that_is_no_comment_is_refused(anna: Member, body: str, code: str) -> None:
    post = await publish(anna)

    error = await refusal(comment(anna, post.id, body))

    assert (error.code, error.field) == (code, "body")


async def test_the_longest_comment_is_added(anna: Member) -> None:
    post = await publish(anna)

    assert len((await comment(anna, post.id, "😀" * 8_000)).body) == 8_000


async def test_there_must_be_a_post_and_a_person(region: Region, anna: Member) -> None:
    post = await publish(anna)
    added = await comment(anna, post.id)
    stranger = Member(region, "stranger", person_id("stranger"))

    assert (await refusal(comment(stranger, post.id))).code == "person_not_found"
    assert (await refusal(comment(anna, "post"))).code == "malformed_id"
    assert (await refusal(comment(anna, added.id))).code == "post_not_found"
    assert (await refusal(comment(anna, person_id("none", region="tokyo")))).code == "post_not_found"
    await delete(anna, post.id)
    assert (await refusal(comment(anna, post.id))).code == "post_not_found"
