"""Editing a post."""

from __future__ import annotations

import pytest

from samverka.feed.v1.feed_events_pb2 import PostEdited
from tests.feed.calls import delete, edit, get_post, home, publish
from tests.support.services import Member, Region, person_id, refusal


async def test_an_edited_post_shows_the_new_body_and_when(region: Region, anna: Member, bengt: Member) -> None:
    post = await publish(anna, "helo")
    region.clock.advance(60)

    edited = await edit(anna, post.id, "hello")

    assert (edited.body, edited.edited_at_ms - post.created_at_ms) == ("hello", 60_000)
    assert edited.created_at_ms == post.created_at_ms
    assert await get_post(bengt, post.id) == edited


async def test_an_edit_does_not_move_the_post(anna: Member) -> None:
    old, new = await publish(anna, "old"), await publish(anna, "new")

    await edit(anna, old.id, "older")

    assert await home(anna) == [new.id, old.id]


async def test_one_key_edits_once(region: Region, anna: Member) -> None:
    post = await publish(anna)
    await edit(anna, post.id, "first", under="k1")
    await edit(anna, post.id, "second")

    assert (await edit(anna, post.id, "first", under="k1")).body == "second"
    assert (await refusal(edit(anna, post.id, "third", under="k1"))).code == "idempotency_key_reused"
    assert len(await region.events(PostEdited)) == 2


async def test_nobody_edits_the_post_of_a_stranger(anna: Member, bengt: Member) -> None:
    post = await publish(anna)

    error = await refusal(edit(bengt, post.id))

    assert (type(error).__name__, error.code, error.field) == ("Forbidden", "not_author", "post_id")
    assert await get_post(anna, post.id) == post


async def test_a_deleted_post_is_not_edited(anna: Member) -> None:
    post = await publish(anna)
    await delete(anna, post.id)

    assert (await refusal(edit(anna, post.id))).code == "post_not_found"


@pytest.mark.parametrize("unknown", [person_id("none"), person_id("none", region="tokyo")])
async def test_a_post_that_there_is_not_is_not_edited(anna: Member, unknown: str) -> None:
    error = await refusal(edit(anna, unknown))

    assert (type(error).__name__, error.code, error.field) == ("NotFound", "post_not_found", "post_id")


async def test_a_malformed_id_and_a_bad_body_are_refused(anna: Member) -> None:
    post = await publish(anna)

    error = await refusal(edit(anna, "post"))
    assert (error.code, error.field) == ("malformed_id", "post_id")
    for body, code in (("", "empty"), ("x" * 20_001, "too_long"), ("\x00", "control_characters")):
        error = await refusal(edit(anna, post.id, body))
        assert (error.code, error.field) == (code, "body")
