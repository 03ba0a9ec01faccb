"""Deleting a comment, for good."""

from __future__ import annotations

from tests.feed.calls import comment, delete, delete_comment, get_post, ids, publish, react, thread
from tests.support.services import Member, Region, person_id, refusal


async def test_a_deleted_comment_is_neither_shown_nor_counted(region: Region, anna: Member, bengt: Member) -> None:
    post = await publish(anna)
    kept, gone = await comment(anna, post.id, "kept"), await comment(bengt, post.id, "a secret")

    assert await delete_comment(bengt, gone.id) == gone.id

    assert ids(await thread(anna, post.id)) == [kept.id]
    assert (await get_post(anna, post.id)).comment_count == 1
    assert (await refusal(react(anna, gone.id))).code == "target_not_found"
    bodies = await region.feed.runner.store.read(lambda db: list(db.execute("select body from comments order by body")))
    assert [body for (body,) in bodies] == ["", "kept"]


async def test_a_comment_is_deleted_once(anna: Member) -> None:
    post = await publish(anna)
    gone = await comment(anna, post.id)
    await delete_comment(anna, gone.id)

    error = await refusal(delete_comment(anna, gone.id))

    assert (type(error).__name__, error.code, error.field) == ("NotFound", "comment_not_found", "comment_id")
    assert (await get_post(anna, post.id)).comment_count == 0


async def test_only_its_author_deletes_a_comment(anna: Member, bengt: Member) -> None:
    """Not even the author of the post does."""
    post = await publish(anna)
    added = await comment(bengt, post.id)

    error = await refusal(delete_comment(anna, added.id))

    assert (type(error).__name__, error.code, error.field) == ("Forbidden", "not_author", "comment_id")


async def test_ones_words_below_a_deleted_post_can_be_deleted(anna: Member, bengt: Member) -> None:
    post = await publish(anna)
    added = await comment(bengt, post.id)
    await delete(anna, post.id)

    assert await delete_comment(bengt, added.id) == added.id


async def test_a_comment_that_there_is_not_is_not_deleted(anna: Member) -> None:
    post = await publish(anna)

    for unknown in (post.id, person_id("none"), person_id("none", region="tokyo")):
        assert (await refusal(delete_comment(anna, unknown))).code == "comment_not_found"
    error = await refusal(delete_comment(anna, "comment"))
    assert (error.code, error.field) == ("malformed_id", "comment_id")
