"""A post with a page of its comments."""

from __future__ import annotations

import pytest

from samverka.feed.v1 import feed_service_pb2 as pb
from services.chassis.paging import PageRequest
from services.feed.queries.get_thread import get_thread
from tests.feed.calls import comment, delete, delete_comment, get_post, ids, publish, thread
from tests.support.services import Member, Region, person_id, refusal
from tests.support.tables import plans, scans, sorts


async def test_comments_come_oldest_first_and_page_by_page(region: Region, anna: Member, bengt: Member) -> None:
    post, other = await publish(anna), await publish(anna)
    added = []
    for n in range(7):
        added.append((await comment((anna, bengt)[n % 2], post.id, f"number {n}")).id)
        await comment(bengt, other.id)

    shown, after = [], ""
    while True:
        page = await thread(anna, post.id, first=3, after=after)
        shown += ids(page)
        if not page.page_info.has_next_page:
            break
        after = page.page_info.end_cursor

    assert shown == added
    answer = await anna.ask(region.feed.feed.GetThread, pb.GetThreadRequest(post_id=post.id))
    assert answer.post == await get_post(anna, post.id)


async def test_a_comment_that_comes_while_one_reads_is_on_a_later_page(anna: Member) -> None:
    post = await publish(anna)
    added = [(await comment(anna, post.id, f"number {n}")).id for n in range(4)]
    page = await thread(anna, post.id, first=2)
    await delete_comment(anna, added[1])
    await delete_comment(anna, added[2])
    added.append((await comment(anna, post.id, "late")).id)

    rest = await thread(anna, post.id, first=2, after=page.page_info.end_cursor)

    assert ids(rest) == added[3:]
    assert not rest.page_info.has_next_page


async def test_there_must_be_the_post(anna: Member) -> None:
    post = await publish(anna)
    await delete(anna, post.id)

    for call in (thread, get_post):
        for unknown in (post.id, person_id("none"), person_id("none", region="tokyo")):
            error = await refusal(call(anna, unknown))
            assert (type(error).__name__, error.code, error.field) == ("NotFound", "post_not_found", "post_id")
        error = await refusal(call(anna, "post"))
        assert (error.code, error.field) == ("malformed_id", "post_id")


@pytest.mark.parametrize(
    ("first", "after", "code", "field"),
    [
        (101, "", "page_size", "first"),
        (2**32 - 1, "", "page_size", "first"),
        (1, "nonsense", "malformed_cursor", "after"),
        (1, "memory:-1", "malformed_cursor", "after"),
        (1, "former:1", "expired_cursor", "after"),
    ],
)
async def test_pages_and_cursors_are_checked(anna: Member, first: int, after: str, code: str, field: str) -> None:
    post = await publish(anna)

    error = await refusal(thread(anna, post.id, first=first, after=after))

    assert (error.code, error.field) == (code, field)


async def test_the_furthest_cursor_shows_nothing(anna: Member) -> None:
    post = await publish(anna)
    await comment(anna, post.id)

    assert ids(await thread(anna, post.id, after="memory:9223372036854775807")) == []


async def test_a_thread_is_read_through_its_indexes(region: Region, anna: Member) -> None:
    post = await publish(anna)
    await comment(anna, post.id)
    page = PageRequest(20, None)

    found, comments = await region.feed.runner.store.read(
        lambda db: plans(db, lambda db: get_thread(db, post.id, page, viewer=anna.id, epoch="memory"))
    )

    for plan in (found, comments):
        assert not scans(plan)
        assert not sorts(plan)
    assert any("comments_by_post (post_id=? AND local=? AND sequence>?)" in step for step in comments), comments
