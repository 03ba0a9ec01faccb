"""All groups, and the posts of one."""

from __future__ import annotations

from services.chassis.paging import PageRequest
from services.feed.moderating import pending_requests
from services.feed.queries.list_group_posts import list_group_posts
from services.feed.queries.list_groups import list_groups
from tests.feed.calls import create_group, group_posts, groups_page, ids, publish
from tests.support.services import Member, Region, refusal
from tests.support.tables import plans, scans, sorts


async def test_groups_come_latest_first_and_page_by_page(anna: Member, bengt: Member) -> None:
    created = [(await create_group((anna, bengt)[n % 2], f"number {n}")).id for n in range(5)][::-1]

    shown, after = [], ""
    while True:
        page = await groups_page(anna, first=2, after=after)
        shown += ids(page)
        if not page.page_info.has_next_page:
            break
        after = page.page_info.end_cursor
        await create_group(bengt, "new")

    assert shown == created
    assert (await refusal(groups_page(anna, first=101))).code == "page_size"


async def test_a_groups_posts_come_latest_first_and_page_by_page(anna: Member) -> None:
    group, other = await create_group(anna), await create_group(anna)
    posts: list[str] = []
    for n in range(5):
        posts.insert(0, (await publish(anna, f"number {n}", group_id=group.id)).id)
        await publish(anna, group_id=other.id)
        await publish(anna)

    shown, after = [], ""
    while True:
        page = await group_posts(anna, group.id, first=2, after=after)
        shown += ids(page)
        if not page.page_info.has_next_page:
            break
        after = page.page_info.end_cursor

    assert shown == posts


async def test_groups_and_their_posts_are_read_through_indexes(region: Region, anna: Member) -> None:
    group = await create_group(anna)
    await publish(anna, group_id=group.id)
    page = PageRequest(20, None)

    (groups,) = await region.feed.runner.store.read(
        lambda db: plans(db, lambda db: list_groups(db, page, viewer=anna.id, epoch="memory"))
    )
    found, sequences, shown = await region.feed.runner.store.read(
        lambda db: plans(db, lambda db: list_group_posts(db, group.id, page, viewer=anna.id, epoch="memory"))
    )
    (pending,) = await region.feed.runner.store.read(
        lambda db: plans(db, lambda db: pending_requests(db, 0, 10, region="stockholm"))
    )

    for plan in (groups, found, sequences, shown, pending):
        assert not scans(plan)
    for plan in (sequences, pending):
        assert not sorts(plan)
    assert sequences == ["SEARCH posts USING COVERING INDEX posts_by_group (group_id=? AND local=? AND sequence<?)"]
    assert pending == ["SEARCH moderation_requests USING INDEX moderation_requests_pending (home=? AND sequence>?)"]
