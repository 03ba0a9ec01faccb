"""A comment is there by its id for whoever sees it in its thread."""

from __future__ import annotations

import pytest

from samverka.feed.v1.feed_views_pb2 import REACH_LOCAL
from tests.feed.calls import comment, delete, delete_comment, get_comment, publish, thread
from tests.support.services import Member, Region, federate, open_region, person_id, refusal


async def test_it_is_the_one_that_the_thread_shows(anna: Member, bengt: Member) -> None:
    post = await publish(anna)
    added = await comment(bengt, post.id, "indeed")

    [edge] = (await thread(anna, post.id)).edges

    assert await get_comment(anna, added.id) == edge.node == added


async def test_what_is_deleted_or_below_what_is_deleted_is_not_there(anna: Member, bengt: Member) -> None:
    posts = [await publish(anna) for _ in range(2)]
    comments = [await comment(bengt, post.id) for post in posts]

    await delete(anna, posts[0].id)
    await delete_comment(bengt, comments[1].id)

    for each in comments:
        error = await refusal(get_comment(bengt, each.id))
        assert (error.code, error.field) == ("comment_not_found", "comment_id")


@pytest.mark.parametrize("unknown", [person_id("anna"), person_id("nobody", region="tokyo")])
async def test_what_never_was_a_comment_is_not_there(anna: Member, unknown: str) -> None:
    assert (await refusal(get_comment(anna, unknown))).code == "comment_not_found"


async def test_what_is_local_is_not_there_elsewhere(
    region: Region, anna: Member, tmp_path_factory: pytest.TempPathFactory
) -> None:
    public, local = await publish(anna), await publish(anna, reach=REACH_LOCAL)
    below = [await comment(anna, post.id) for post in (public, local)]
    async with open_region(tmp_path_factory.mktemp("tokyo"), name="tokyo") as tokyo:
        kenji = await tokyo.member("kenji")
        await federate(region, tokyo)

        assert (await get_comment(kenji, below[0].id)).post_id == public.id
        assert (await refusal(get_comment(kenji, below[1].id))).code == "comment_not_found"
    assert (await get_comment(anna, below[1].id)).post_id == local.id
