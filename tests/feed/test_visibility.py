"""What each path of the feed shows to whom, whoever has said and decided what and however much of it has arrived."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import aclosing, asynccontextmanager
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samverka.feed.v1 import feed_events_pb2
from samverka.feed.v1.feed_events_pb2 import PostPublished
from samverka.feed.v1.feed_views_pb2 import Comment, Mention, Post, PostConnection
from samverka.network.v1 import network_events_pb2
from samverka.network.v1.network_events_pb2 import OriginPosition, RegionReported
from samverka.profile.v1 import profile_events_pb2
from services.chassis.clock import HybridClock, ManualClock, hybrid
from services.chassis.envelope import open_event, payload_name, seal
from services.chassis.errors import NotFound
from services.chassis.eventlog.memory import MemoryLog
from services.chassis.eventlog.port import Entry, Position, Source
from services.chassis.eventlog.subjects import Subject, stream_name
from services.chassis.ids import region_actor, region_of
from services.chassis.paging import PageRequest
from services.chassis.projection import ProjectionRunner
from services.chassis.store import Connection
from services.feed.domain.questions import UNACCEPTED, UNANSWERED
from services.feed.group_views import find_group
from services.feed.projections import feed_projection
from services.feed.queries import list_home_feed as home_feed
from services.feed.queries.get_delivery import get_delivery
from services.feed.queries.get_thread import get_thread
from services.feed.queries.list_group_posts import list_group_posts
from services.feed.queries.list_groups import list_groups
from services.feed.queries.list_home_feed import list_home_feed
from services.feed.queries.list_mentions import list_mentions
from services.feed.queries.list_person_posts import list_person_posts
from services.feed.queries.list_questions import list_questions
from services.feed.views import find_comment, find_post
from services.feed.watching import FeedWatch
from tests.feed.communities import HERE, NAMES, PEOPLE, Community, event_id
from tests.feed.said import Said, origin
from tests.support.chance import CHANCE
from tests.support.interleaving import interleaved
from tests.support.services import WAIT_SECONDS_MAX
from tests.support.tables import an_id
from tests.support.visibility import Told, Visibility

DOINGS_MAX = 70
VIEWERS = [person for person in PEOPLE if region_of(person) == HERE]
NAME_OF = {person: f"@{name}@{HERE}" for person, name in zip(VIEWERS, NAMES, strict=True)}
ALL = PageRequest(100, None)
PAGE_ITEMS = 3
REPORT = Said(
    region_actor("tokyo"),
    RegionReported(region="tokyo", origins=[OriginPosition(origin=HERE, sequence=1)]),
    owner="tokyo",
)
EPOCH = "memory"


def told(entry: Entry) -> Told:
    event = open_event(entry.data)
    assert event is not None
    files, name = (feed_events_pb2, profile_events_pb2, network_events_pb2), payload_name(event).rpartition(".")[2]
    kind: Any = next(getattr(file, name) for file in files if hasattr(file, name))
    payload, local = kind.FromString(event.payload.value), ".local." in entry.subject
    return Told(entry.origin_sequence, event.id, event.actor, payload, local)


def arrived(community: Community, chance: Random) -> list[Said]:
    """Return what has come here: all that was said here, and of each other region as much as has come by now."""
    order = interleaved(community.facts, chance, origin)
    until = {region: chance.choice((len(order), chance.randrange(len(order)))) for region in map(origin, order)}
    return [said for place, said in enumerate(order) if origin(said) == HERE or place < until[origin(said)]]


async def write(log: MemoryLog, facts: Iterable[Said], clock: ManualClock) -> list[Told]:
    for said in facts:
        where, reach = origin(said), "local" if said.local else "pub"
        service = said.payload.DESCRIPTOR.full_name.split(".")[1]
        subject = str(Subject(where, reach, service, said.owner or said.actor))
        data = seal(
            said.payload,
            event_id=event_id(said),
            origin=where,
            actor=said.actor,
            occurred_at=hybrid(clock.wall_ms()),
        )
        if where == HERE:
            await log.append(event_id(said), subject, data)
        else:
            source = Source(stream_name(where), said.event)
            await log.receive(event_id(said), subject, data, source=source)
    entries, after = [], 0
    while entry := await log.read("", after=after):
        after = entry.sequence
        entries.append(told(entry))
    return entries


@asynccontextmanager
async def following(log: MemoryLog, data_dir: Path) -> AsyncIterator[ProjectionRunner]:
    """Yield a projection that has applied the whole log."""
    hlc = HybridClock(ManualClock())
    runner = ProjectionRunner(projection=feed_projection(), region=HERE, log=log, data_dir=data_dir, hlc=hlc)
    await runner.load()
    task = asyncio.create_task(runner.run())
    try:
        position = Position(log.epoch, await log.last_sequence())
        assert await runner.wait_applied(position, timeout_seconds=WAIT_SECONDS_MAX)
        yield runner
    finally:
        task.cancel()
        await asyncio.wait((task,))
        await runner.store.close()


def whole(read: Callable[[PageRequest], Any]) -> list[str]:
    """Return all that a list holds, in the order of arrival: page by page, each of them full but the last."""
    edges: list[Any] = []
    after = None
    while True:
        page = read(PageRequest(PAGE_ITEMS, after))
        edges += page.edges
        if not page.page_info.has_next_page:
            return [_id_of(edge.node) for edge in reversed(edges)]
        assert len(page.edges) == PAGE_ITEMS, "what the viewer does not see was counted"
        after = int(page.page_info.end_cursor.rpartition(":")[2])


def _id_of(node: Any) -> str:
    return str(node.comment.id or node.post.id if isinstance(node, Mention) else node.id)


def require_lists(db: Connection, viewer: str, expected: Visibility) -> None:
    asked: dict[str, Any] = {"viewer": viewer, "epoch": EPOCH}
    assert whole(lambda page: list_home_feed(db, page, reader=viewer, epoch=EPOCH)) == expected.home(viewer)
    assert whole(lambda page: list_groups(db, page, **asked)) == expected.groups(viewer)
    for author in PEOPLE:
        posts = whole(partial(list_person_posts, db, author, **asked))
        assert posts == expected.posts_of(viewer, author)
    for group in expected.all_groups():
        feed = list_group_posts(db, group, ALL, **asked)
        sees = expected.sees_group(viewer, group)
        assert (find_group(db, group, viewer=viewer) is not None) == (feed is not None) == sees
        if feed is not None:
            posts = whole(partial(list_group_posts, db, group, **asked))
            assert posts == expected.group_feed(viewer, group)


def require_questions(db: Connection, viewer: str, expected: Visibility) -> None:
    filters = {"all": (0, 1, 2), "unanswered": (UNANSWERED,), "unaccepted": (UNANSWERED, UNACCEPTED)}
    for group in ("", *expected.all_groups()):
        for wanted, states in filters.items():
            for topic in ("", "chess"):
                asked: dict[str, Any] = {"states": states, "topic": topic, "group_id": group}
                require_listed(db, viewer, asked, expected, wanted)


def require_listed(db: Connection, viewer: str, asked: dict[str, Any], expected: Visibility, wanted: str) -> None:
    def read(page: PageRequest) -> PostConnection:
        return list_questions(db, page, **asked, viewer=viewer, epoch=EPOCH)

    topic, group = asked["topic"], asked["group_id"]
    if group and not expected.sees_group(viewer, group):
        with pytest.raises(NotFound):
            read(ALL)
    else:
        assert whole(read) == expected.questions(viewer, topic=topic, group=group, wanted=wanted)


def require_mentions(db: Connection, viewer: str, expected: Visibility) -> None:
    named = whole(lambda page: list_mentions(db, page, viewer=viewer, epoch=EPOCH))
    assert named == expected.mentions(viewer, NAME_OF[viewer])


def require_posts(db: Connection, viewer: str, expected: Visibility) -> None:
    for post_id in expected.all_posts():
        post, thread = find_post(db, post_id, viewer=viewer), get_thread(db, post_id, ALL, viewer=viewer, epoch=EPOCH)
        delivery = get_delivery(db, post_id, viewer=viewer, region=HERE)
        assert bool(delivery) == expected.follows_delivery(viewer, post_id)
        assert (post is not None) == (thread is not None) == expected.opens_post(viewer, post_id)
        if post is not None and thread is not None:
            require_post(db, viewer, post, expected)
            assert ids_of(thread[1].edges) == expected.comments(post_id)


def require_post(db: Connection, viewer: str, post: Post, expected: Visibility) -> None:
    answers = expected.answers(post.id)
    counts = (post.comment_count, post.answer_count, post.accepted_answer_id)
    assert counts == (len(expected.comments(post.id)), len(answers), expected.accepted(post.id))
    require_helped(post, viewer, expected)
    for comment_id in expected.comments(post.id):
        comment = find_comment(db, comment_id, viewer=viewer)
        assert comment is not None
        require_helped(comment, viewer, expected)


def require_helped(shown: Post | Comment, viewer: str, expected: Visibility) -> None:
    helped = expected.helped(shown.id)
    assert (shown.helpful_count, shown.viewer_marked_helpful) == (len(helped), viewer in helped)


def ids_of(edges: Iterable[Any]) -> list[str]:
    return [edge.node.id for edge in edges]


async def require_watch(runner: ProjectionRunner, viewer: str, expected: Visibility) -> None:
    """Watch from the beginning: the last thing that comes is what the viewer wrote last, and nothing is between."""
    watch, home = FeedWatch(runner=runner), expected.home(viewer)
    async with asyncio.timeout(WAIT_SECONDS_MAX), aclosing(watch.watch(viewer, after=0)) as edges:
        assert [(await anext(edges)).node.id for _ in home] == home


@pytest.mark.parametrize("window", [home_feed.WINDOW_SEQUENCES, 5], ids=["walk", "merge"])
@settings(max_examples=50)
@given(chance=CHANCE, doings=st.integers(20, DOINGS_MAX))
async def test_every_path_shows_what_the_reference_says(
    tmp_path_factory: pytest.TempPathFactory, window: int, chance: Random, doings: int
) -> None:
    community, log = Community(chance), MemoryLog()
    community.live(doings)
    last = [
        Said(viewer, PostPublished(post_id=an_id(f"last of {viewer}"), body="bye"), event=10_000 + n)
        for n, viewer in enumerate(VIEWERS)
    ]
    expected = Visibility(await write(log, [REPORT, *arrived(community, chance), *last], ManualClock()))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(home_feed, "WINDOW_SEQUENCES", window)
        async with following(log, tmp_path_factory.mktemp("feed")) as runner:
            assert runner.refused_events == 0, "somebody said what was not theirs to say"
            for viewer in VIEWERS:
                for require in (require_lists, require_questions, require_mentions, require_posts):
                    runner.store.read_now(partial(require, viewer=viewer, expected=expected))
                await require_watch(runner, viewer, expected)
