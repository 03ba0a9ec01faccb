"""Mentions: who is told that somebody named them, and of what."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from samverka.feed.v1.feed_views_pb2 import MentionConnection
from services.chassis.paging import PageRequest
from services.feed.projections import feed_projection
from services.feed.queries.list_mentions import list_mentions
from tests.feed.calls import (
    comment,
    create_group,
    create_private_group,
    delete,
    delete_comment,
    edit,
    hide,
    let_in,
    mentions,
    publish,
    remove,
)
from tests.support.services import Member, Region, federate, open_region
from tests.support.tables import Tables, plans, scans


@pytest.fixture
async def tokyo(tmp_path: Path) -> AsyncIterator[Region]:
    async with open_region(tmp_path / "tokyo", name="tokyo") as region:
        yield region


def where(page: MentionConnection) -> list[str]:
    """Return the ids of what the viewer was named in."""
    return [edge.node.comment.id or edge.node.post.id for edge in page.edges]


async def test_who_is_named_is_told_of_posts_and_comments_latest_first(anna: Member, bengt: Member) -> None:
    post = await publish(bengt, "Ask @anna!")
    remark = await comment(bengt, post.id, "Or @ANNA@stockholm.")
    await publish(bengt, "`@anna` is nobody")

    page = await mentions(anna)

    assert where(page) == [remark.id, post.id]
    assert [edge.node.post.id for edge in page.edges] == [post.id, post.id]
    assert where(await mentions(bengt)) == []


async def test_a_handle_is_one_of_the_authors_region_unless_it_names_another(
    region: Region, tokyo: Region, anna: Member, bengt: Member
) -> None:
    akira, other = await tokyo.member("akira"), await tokyo.member("anna")
    here, there = await publish(bengt, "@anna"), await publish(bengt, "@anna@tokyo and @akira@tokyo")
    theirs = await publish(akira, "@anna and not @akira@stockholm")
    await federate(tokyo, region)
    await federate(region, tokyo)

    assert where(await mentions(anna)) == [here.id]
    assert where(await mentions(akira)) == [there.id]
    assert where(await mentions(other)) == [there.id, theirs.id]


async def test_the_latest_text_counts(anna: Member, bengt: Member) -> None:
    post = await publish(bengt, "@anna")
    await edit(bengt, post.id, "never mind")
    assert where(await mentions(anna)) == []

    await edit(bengt, post.id, "after all, @anna")

    assert where(await mentions(anna)) == [post.id]


async def test_what_is_gone_or_hidden_tells_nobody(anna: Member, bengt: Member) -> None:
    group = await create_group(anna)
    post, gone = await publish(anna, "@bengt", group_id=group.id), await publish(anna, "@bengt")
    remark, away = await comment(anna, post.id, "@bengt"), await comment(anna, post.id, "@bengt")
    await delete(anna, gone.id)
    await delete_comment(anna, away.id)
    assert where(await mentions(bengt)) == [remark.id, post.id]

    await hide(anna, remark.id)
    assert where(await mentions(bengt)) == [post.id]
    await hide(anna, post.id)
    assert where(await mentions(bengt)) == []


async def test_a_mention_in_a_private_group_tells_its_members_alone(anna: Member, bengt: Member) -> None:
    board = await create_private_group(anna)
    post = await publish(anna, "@bengt", group_id=board.id)
    remark = await comment(anna, post.id, "@bengt")

    nothing = await mentions(bengt)
    assert (where(nothing), nothing.page_info.has_next_page) == ([], False)
    await let_in(anna, board.id, bengt)
    assert where(await mentions(bengt)) == [remark.id, post.id]
    await remove(anna, board.id, bengt.id)
    assert where(await mentions(bengt)) == []


async def test_pages_skip_and_repeat_nothing(anna: Member, bengt: Member) -> None:
    board = await create_private_group(anna)
    await let_in(anna, board.id, bengt)
    named = [(await publish(anna, "@bengt", group_id=board.id if n % 2 else "")).id for n in range(5)]

    shown, after = [], ""
    while True:
        page = await mentions(bengt, first=2, after=after)
        shown += where(page)
        after = page.page_info.end_cursor
        if not page.page_info.has_next_page:
            break

    assert shown == named[::-1]


def test_they_are_read_through_their_audience() -> None:
    tables, page = Tables(feed_projection()), PageRequest(20, None)

    (found,) = plans(tables.db, lambda db: list_mentions(db, page, viewer="x", epoch="memory"))

    index = "mentions_by_audience (region=? AND handle=? AND audience=? AND local=? AND sequence"
    assert [step for step in found if index in step and "sequence<?" in step]
    assert set(scans(found)) <= {"SCAN me", "SCAN audiences", "SCAN reach", "SCAN CONSTANT ROW"}
    assert not [step for step in found if "SEARCH mentions USING PRIMARY KEY" in step]
