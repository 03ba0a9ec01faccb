"""The home feed: whose posts come into it, in which order, and page by page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samverka.feed.v1.feed_events_pb2 import GroupCreated, PostDeleted, PostPublished
from samverka.profile.v1.profile_events_pb2 import PersonFollowed, PersonRegistered, PersonUnfollowed
from services.chassis.clock import ManualClock
from services.chassis.ids import derive
from services.feed.projections import feed_projection
from services.feed.queries import list_home_feed
from services.feed.queries.list_home_feed import home_rows, home_sequences_since
from tests.feed.calls import delete, edit, home, home_page, ids, publish
from tests.support.services import Member, Region, open_region, refusal
from tests.support.tables import Tables, an_id, plans, scans, searches, sorts


@pytest.fixture
def small_window() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(list_home_feed, "WINDOW_SEQUENCES", 3)
        yield


async def test_it_holds_the_posts_of_those_one_follows_and_ones_own(region: Region, anna: Member) -> None:
    bengt, carla = await region.member("bengt"), await region.member("carla")
    await anna.follow(bengt.id)

    first, second = await publish(bengt, "one"), await publish(anna, "two")
    await publish(carla, "three")
    third = await publish(bengt, "four")

    assert await home(anna) == [third.id, second.id, first.id]
    assert await home(bengt) == [third.id, first.id]


async def test_following_brings_older_posts_too_and_unfollowing_takes_them_away(
    region: Region, anna: Member, bengt: Member
) -> None:
    theirs, own = await publish(bengt), await publish(anna)

    await anna.follow(bengt.id)
    assert await home(anna) == [own.id, theirs.id]
    await anna.unfollow(bengt.id)
    assert await home(anna) == [own.id]


async def test_what_comes_late_from_another_region_stands_first_and_bears_its_author_s_time(
    region: Region, anna: Member
) -> None:
    kenji, now = derive("tokyo", "kenji"), region.clock
    registered = PersonRegistered(person_id=kenji, handle="kenji", name="Kenji")
    await region.assert_fact(registered, actor=kenji, origin="tokyo", service="profile")
    await anna.follow(kenji)
    own = await publish(anna, "written while Tokyo was cut off")
    region.clock = ManualClock(now.wall_ms() - 3_600_000)
    late = PostPublished(post_id=derive("tokyo", "late"), body="An hour ago")
    await region.assert_fact(late, actor=kenji, origin="tokyo")
    region.clock = now

    page = await home_page(anna)
    assert ids(page) == [late.post_id, own.id]
    assert page.edges[0].node.created_at_ms < own.created_at_ms


async def test_a_region_without_posts_has_an_empty_home_feed(region: Region, anna: Member) -> None:
    page = await home_page(anna)

    assert (list(page.edges), page.page_info.has_next_page, page.page_info.end_cursor) == ([], False, "")


@pytest.mark.parametrize(("first", "shown"), [(0, 20), (1, 1), (24, 24), (25, 25), (100, 25)])
async def test_a_page_has_as_many_posts_as_were_asked_for(anna: Member, first: int, shown: int) -> None:
    posts = [(await publish(anna, f"number {n}")).id for n in range(25)]

    page = await home_page(anna, first=first)

    assert ids(page) == posts[::-1][:shown]
    assert page.page_info.has_next_page == (shown < 25)
    assert page.page_info.end_cursor == page.edges[-1].cursor


async def test_a_page_says_where_it_begins_and_whether_something_stands_before_it(anna: Member) -> None:
    for n in range(3):
        await publish(anna, f"number {n}")

    head = await home_page(anna, first=1)
    rest = await home_page(anna, first=5, after=head.page_info.end_cursor)
    beyond = await home_page(anna, first=5, after=rest.page_info.end_cursor)

    assert (head.page_info.has_previous_page, head.page_info.start_cursor) == (False, head.edges[0].cursor)
    assert (rest.page_info.has_previous_page, rest.page_info.start_cursor) == (True, rest.edges[0].cursor)
    assert (beyond.page_info.has_previous_page, beyond.page_info.start_cursor) == (True, "")


@pytest.mark.parametrize("first", [101, 1_000_000, 2**32 - 1])
async def test_a_huge_page_is_refused(anna: Member, first: int) -> None:
    error = await refusal(home_page(anna, first=first))

    assert (type(error).__name__, error.code, error.field) == ("Invalid", "page_size", "first")


@pytest.mark.parametrize(
    ("after", "code"),
    [
        ("1", "malformed_cursor"),
        ("memory", "malformed_cursor"),
        ("memory:", "malformed_cursor"),
        (":1", "malformed_cursor"),
        ("memory:-1", "malformed_cursor"),
        ("memory:1.5", "malformed_cursor"),
        ("memory:١", "malformed_cursor"),
        ("memory:1\n", "malformed_cursor"),
        ("memory:9223372036854775808", "malformed_cursor"),
        ("memory:99999999999999999999", "malformed_cursor"),
        ("m" * 65 + ":1", "malformed_cursor"),
        ("\x00", "malformed_cursor"),
        ("former:1", "expired_cursor"),
    ],
)
async def test_what_is_no_cursor_of_this_log_is_refused(anna: Member, after: str, code: str) -> None:
    error = await refusal(home_page(anna, after=after))

    assert (type(error).__name__, error.code, error.field) == ("Invalid", code, "after")


async def test_a_cursor_from_before_the_first_post_or_behind_the_last_is_fine(anna: Member) -> None:
    post = await publish(anna)

    assert ids(await home_page(anna, after="memory:0")) == []
    assert ids(await home_page(anna, after="memory:9223372036854775807")) == [post.id]
    assert ids(await home_page(anna, after="memory:0000000000000000000")) == []


async def test_new_posts_do_not_shift_the_pages(region: Region, anna: Member) -> None:
    old = [(await publish(anna, f"old {n}")).id for n in range(7)][::-1]

    shown: list[str] = []
    after = ""
    while len(shown) < len(old):
        page = await home_page(anna, first=2, after=after)
        shown += ids(page)
        after = page.page_info.end_cursor
        await publish(anna, "new")

    assert shown == old


async def test_an_edit_or_a_deletion_between_two_pages_skips_nothing_else(anna: Member) -> None:
    posts = [(await publish(anna, f"number {n}")).id for n in range(6)][::-1]
    page = await home_page(anna, first=3)
    await edit(anna, posts[4])
    await delete(anna, posts[2])
    await delete(anna, posts[3])

    rest = await home_page(anna, first=3, after=page.page_info.end_cursor)

    assert ids(page) + ids(rest) == posts[:3] + posts[4:]


PERSON = st.integers(0, 3)
ACTION = st.one_of(
    st.tuples(st.just("publish"), PERSON, st.just(0)),
    st.tuples(st.just("delete"), PERSON, st.integers(0, 3)),
    st.tuples(st.just("follow"), PERSON, PERSON),
    st.tuples(st.just("unfollow"), PERSON, PERSON),
    st.tuples(st.just("read"), PERSON, st.integers(1, 4)),
)
Action = tuple[str, int, int]


class Model:
    """What home feeds hold, in the simplest words."""

    def __init__(self) -> None:
        self.posts: list[tuple[int, str]] = []
        self.follows: set[tuple[int, int]] = set()

    def home(self, reader: int) -> list[str]:
        sources = {reader} | {author for follower, author in self.follows if follower == reader}
        return [post for author, post in reversed(self.posts) if author in sources]

    def nth_post_of(self, author: int, n: int) -> tuple[int, str] | None:
        own = [post for post in self.posts if post[0] == author]
        return own[n % len(own)] if own else None


async def act(action: Action, people: Sequence[Member], model: Model) -> None:
    kind, n, other = action
    match kind:
        case "publish":
            model.posts.append((n, (await publish(people[n])).id))
        case "delete" if (post := model.nth_post_of(n, other)) is not None:
            await delete(people[n], post[1])
            model.posts.remove(post)
        case "follow" if n != other:
            await people[n].follow(people[other].id)
            model.follows.add((n, other))
        case "unfollow" if n != other:
            await people[n].unfollow(people[other].id)
            model.follows.discard((n, other))


@pytest.mark.usefixtures("small_window")
@settings(max_examples=25)
@given(st.lists(ACTION, max_size=30))
async def test_whatever_people_do_pages_show_what_the_model_says(
    tmp_path_factory: pytest.TempPathFactory, actions: list[Action]
) -> None:
    async with open_region(tmp_path_factory.mktemp("region")) as region:
        people, model = [await region.member(f"person-{n}") for n in range(4)], Model()
        for action in [*actions, *(("read", n, 2) for n in range(4))]:
            if action[0] == "read":
                await require_pages(people, model, reader=action[1], first=action[2])
            else:
                await act(action, people, model)


async def require_pages(people: Sequence[Member], model: Model, *, reader: int, first: int) -> None:
    """Read to the end while everybody goes on publishing."""
    expected, shown, after = model.home(reader), [], ""
    while True:
        page = await home_page(people[reader], first=first, after=after)
        shown += ids(page)
        if not page.page_info.has_next_page:
            break
        after = page.page_info.end_cursor
        author = len(shown) % len(people)
        await act(("publish", author, 0), people, model)
    assert shown == expected


READERS = [an_id(f"reader-{n}") for n in range(3)]
FACT = st.one_of(
    st.builds(PostPublished, post_id=st.integers(0, 60).map(lambda n: an_id(f"post-{n}")), body=st.just("hello")),
    st.builds(PostDeleted, post_id=st.integers(0, 60).map(lambda n: an_id(f"post-{n}"))),
    st.builds(PersonFollowed, person_id=st.sampled_from(READERS), followed_id=st.sampled_from(READERS)),
    st.builds(PersonUnfollowed, person_id=st.sampled_from(READERS), followed_id=st.sampled_from(READERS)),
)
SHOWN = """
    select sequence from posts where deleted = 0 and author in (select author from home_sources where reader = ?)
"""


@settings(max_examples=200)
@given(
    st.lists(st.tuples(st.sampled_from(READERS), FACT, st.integers(1, 4)), max_size=60),
    st.integers(0, 30),
    st.integers(1, 8),
    st.integers(0, 130),
)
def test_both_ways_give_the_same_list_forward_and_back(
    facts: list[tuple[str, PostPublished, int]], window: int, most: int, beyond: int
) -> None:
    tables, sequence = Tables(feed_projection()), 0
    for actor, payload, step in facts:
        sequence += step
        tables.apply(payload, actor=actor, sequence=sequence)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(list_home_feed, "WINDOW_SEQUENCES", window)
        for reader in READERS:
            shown = sorted(found for (found,) in tables.rows(SHOWN, reader))
            back = [row[0] for row in home_rows(tables.db, reader=reader, before=beyond, most=most)]
            on = home_sequences_since(tables.db, reader=reader, after=beyond, most=most)
            assert back == [found for found in reversed(shown) if found < beyond][:most]
            assert on == [found for found in shown if found > beyond][:most]


def crowded() -> Tables:
    """A log in which the reader's only source wrote long ago."""
    tables = Tables(feed_projection())
    for person in READERS:
        tables.apply(PersonRegistered(person_id=person, handle=person[-8:].lower(), name="A"), actor=person)
    group = an_id("group")
    tables.apply(GroupCreated(group_id=group, name="Chess"), actor=READERS[0], owner=group)
    for n in range(50):
        author = READERS[1 if n else 0]
        tables.apply(PostPublished(post_id=an_id(f"post-{n}"), body="hello"), actor=author)
    return tables


def test_the_walk_reads_an_index_within_its_window_and_sorts_nothing() -> None:
    tables = crowded()

    (page,) = plans(tables.db, lambda db: home_rows(db, reader=READERS[1], before=2**63 - 1, most=5))
    newest_on, walk_on = plans(tables.db, lambda db: home_sequences_since(db, reader=READERS[1], after=0, most=5))

    for plan in (page, newest_on, walk_on):
        assert not scans(plan)
        assert not sorts(plan)
    walk = "SEARCH posts USING COVERING INDEX posts_by_arrival (sequence>? AND sequence<?)"
    of_sources = [
        "SEARCH home_sources USING PRIMARY KEY (reader=?)",  # once, not for each post
        "SEARCH praised USING COVERING INDEX praised_by_sequence (sequence=?)",  # for praise alone
        "SEARCH home_sources USING COVERING INDEX home_sources_by_author (author=? AND reader=?)",
        "SEARCH memberships USING COVERING INDEX memberships_by_person (person=? AND active=?)",
    ]
    assert searches(walk_on) == [walk, *of_sources]
    post, newest = "SEARCH item USING INTEGER PRIMARY KEY (rowid=?)", "SEARCH posts USING INTEGER PRIMARY KEY (rowid<?)"
    assert searches(page)[:7] == [post, walk, newest, *of_sources]


@pytest.mark.usefixtures("small_window")
def test_the_merge_reads_the_newest_of_each_source_and_no_more() -> None:
    tables = crowded()

    *_, back, _, back_in_groups, _ = plans(
        tables.db, lambda db: home_rows(db, reader=READERS[0], before=2**63 - 1, most=5)
    )
    *_, on, _, on_in_groups = plans(tables.db, lambda db: home_sequences_since(db, reader=READERS[0], after=0, most=5))

    people, groups = "posts_by_author (author=?", "posts_by_group (group_id=? AND local=?"
    for plan, index, direction in (
        (back, people, "<"),
        (on, people, ">"),
        (back_in_groups, groups, "<"),
        (on_in_groups, groups, ">"),
    ):
        assert set(scans(plan)) == {"SCAN leading", "SCAN every"}  # the sources once, and a page of them
        assert f"SEARCH post USING COVERING INDEX {index} AND sequence{direction}?)" in plan
        assert "SEARCH posts USING INTEGER PRIMARY KEY (rowid=?)" in plan
    for plan in (back, on):
        assert "SEARCH source USING PRIMARY KEY (reader=?)" in plan
    for plan in (back_in_groups, on_in_groups):
        assert "SEARCH source USING INDEX memberships_by_person (person=? AND active=?)" in plan


async def test_both_ways_are_gone_over_the_whole_interface(
    region: Region, anna: Member, bengt: Member, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    await anna.follow(bengt.id)
    for n in range(12):
        await publish((anna, bengt)[n % 2], f"number {n}")
    walked = await home(anna)

    monkeypatch.setattr(list_home_feed, "WINDOW_SEQUENCES", 2)

    assert await home(anna) == walked
    assert len(walked) == 12
