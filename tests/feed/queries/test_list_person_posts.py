"""The latest posts of one person."""

from __future__ import annotations

import pytest

from services.chassis.paging import PageRequest
from services.feed.queries.list_person_posts import list_person_posts
from tests.feed.calls import delete, ids, mine, person_page, publish, react
from tests.support.services import Member, Region, person_id, refusal
from tests.support.tables import plans, scans, searches


async def test_they_are_theirs_alone_latest_first_and_page_by_page(anna: Member, bengt: Member) -> None:
    posts: list[str] = []
    for n in range(7):
        posts.insert(0, (await publish(anna, f"number {n}")).id)
        await publish(bengt)
    await delete(anna, posts.pop(3))

    shown, after = [], ""
    while True:
        page = await person_page(bengt, anna.id, first=2, after=after)
        shown += ids(page)
        if not page.page_info.has_next_page:
            break
        after = page.page_info.end_cursor
        await publish(anna, "new")

    assert shown == posts


async def test_they_show_what_the_viewer_reacted_with(anna: Member, bengt: Member) -> None:
    post = await publish(anna)
    await react(bengt, post.id, "🎉")

    assert [mine(edge.node) for edge in (await person_page(bengt, anna.id)).edges] == [{"🎉"}]
    assert [mine(edge.node) for edge in (await person_page(anna, anna.id)).edges] == [set()]


async def test_nobodys_posts_are_an_empty_page(anna: Member) -> None:
    for nobody in (person_id("nobody"), person_id("nobody", region="tokyo")):
        page = await person_page(anna, nobody)
        assert (list(page.edges), page.page_info.has_next_page) == ([], False)


@pytest.mark.parametrize(
    ("who", "first", "after", "code", "field"),
    [
        ("anna", 1, "", "malformed_id", "person_id"),
        ("", 1, "", "malformed_id", "person_id"),
        (person_id("anna"), 101, "", "page_size", "first"),
        (person_id("anna"), 1, "x:y", "malformed_cursor", "after"),
        (person_id("anna"), 1, "former:1", "expired_cursor", "after"),
    ],
)
async def test_what_was_asked_is_checked(anna: Member, who: str, first: int, after: str, code: str, field: str) -> None:
    error = await refusal(person_page(anna, who, first=first, after=after))

    assert (type(error).__name__, error.code, error.field) == ("Invalid", code, field)


async def test_they_are_read_through_the_index_of_their_author(region: Region, anna: Member) -> None:
    await publish(anna)
    page = PageRequest(20, None)

    found, shown = await region.feed.runner.store.read(
        lambda db: plans(db, lambda db: list_person_posts(db, anna.id, page, viewer=anna.id, epoch="memory"))
    )

    assert searches(found) == [
        "SEARCH posts USING COVERING INDEX posts_by_author (author=? AND sequence<?)",
        "SEARCH inside USING COVERING INDEX memberships_by_person (person=? AND active=?)",
        "SEARCH posts USING INTEGER PRIMARY KEY (rowid=?)",
        "SEARCH own USING INDEX posts_of_group (group_id=? AND local=? AND author=? AND sequence<?)",
    ]
    assert not scans(found)
    assert not scans(shown)
