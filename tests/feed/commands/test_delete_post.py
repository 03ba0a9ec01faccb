"""Deleting a post, for good."""

from __future__ import annotations

import pytest

from samverka.feed.v1.feed_events_pb2 import PostDeleted
from tests.feed.calls import comment, delete, get_post, home, ids, person_page, publish, react, thread
from tests.support.services import Member, Region, person_id, refusal


async def test_a_deleted_post_is_shown_nowhere(anna: Member) -> None:
    post = await publish(anna)
    await comment(anna, post.id)

    assert await delete(anna, post.id) == post.id

    assert await home(anna) == []
    assert ids(await person_page(anna, anna.id)) == []
    for call in (get_post, thread, comment, react):
        assert (await refusal(call(anna, post.id))).status.name == "NOT_FOUND"


async def test_nothing_is_kept_of_its_text(region: Region, anna: Member) -> None:
    post = await publish(anna, "a secret")
    await delete(anna, post.id)

    bodies = await region.feed.runner.store.read(lambda db: list(db.execute("select body, deleted from posts")))

    assert [tuple(row) for row in bodies] == [("", 1)]


async def test_its_comments_are_not_shown_either(anna: Member, bengt: Member) -> None:
    post = await publish(anna)
    added = await comment(bengt, post.id, "a secret", under="k1")
    await react(bengt, added.id, "👍", under="k2")
    await delete(anna, post.id)

    assert (await refusal(react(anna, added.id))).code == "target_not_found"
    assert (await refusal(react(bengt, added.id, "👍", under="k2"))).code == "not_shown"
    assert (await refusal(comment(bengt, post.id, "a secret", under="k1"))).code == "not_shown"


async def test_one_key_deletes_once(region: Region, anna: Member) -> None:
    post = await publish(anna)

    assert await delete(anna, post.id, under="k1") == await delete(anna, post.id, under="k1") == post.id
    assert (await refusal(delete(anna, post.id))).code == "post_not_found"
    assert len(await region.events(PostDeleted)) == 1


async def test_nobody_deletes_the_post_of_a_stranger(anna: Member, bengt: Member) -> None:
    post = await publish(anna)

    error = await refusal(delete(bengt, post.id))

    assert (type(error).__name__, error.code, error.field) == ("Forbidden", "not_author", "post_id")
    assert await home(anna) == [post.id]


@pytest.mark.parametrize(
    ("post_id", "code"),
    [
        (person_id("none"), "post_not_found"),
        (person_id("none", region="tokyo"), "post_not_found"),
        ("", "malformed_id"),
        ("stockholm_short", "malformed_id"),
        ("STOCKHOLM_00000000000000000000000000", "malformed_id"),
        ("stockholm_00000000000000000000000000\n", "malformed_id"),
    ],
)
async def test_a_post_that_there_is_not_is_not_deleted(anna: Member, post_id: str, code: str) -> None:
    error = await refusal(delete(anna, post_id))

    assert (error.code, error.field) == (code, "post_id")
