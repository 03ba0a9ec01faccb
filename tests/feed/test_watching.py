"""Watching a home feed: what comes is what the home feed shows, as it arrives, and nothing is left of who has gone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from typing import Any

import grpc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from samverka.feed.v1 import feed_service_pb2 as pb
from samverka.feed.v1.feed_views_pb2 import PostEdge
from services.chassis import limits
from services.chassis.auth import with_caller
from services.chassis.errors import SamverkaError, from_status
from services.chassis.interceptors import call_metadata
from services.feed.queries import list_home_feed
from services.feed.rpc import FeedRpc
from services.feed.watching import FeedWatch
from tests.feed.calls import create_group, delete, edit, hide, home, home_page, join, publish, restore
from tests.support.fuzzing import FUZZED
from tests.support.services import REGION, WAIT_SECONDS_MAX, Member, Region, Replica, TrustingVerifier

SILENCE = "nothing else came before it"


class Watching:
    """A stream of one member's home feed."""

    def __init__(self, call: Any) -> None:
        self._call = call
        self._answers = aiter(call)

    async def next(self) -> PostEdge:
        async with asyncio.timeout(WAIT_SECONDS_MAX):
            try:
                edge: PostEdge = (await anext(self._answers)).edge
            except grpc.aio.AioRpcError as error:
                raise from_status(error) from error
            return edge

    async def ids(self, number: int) -> list[str]:
        return [(await self.next()).node.id for _ in range(number)]

    def go_away(self) -> None:
        self._call.cancel()


async def eventually(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(WAIT_SECONDS_MAX):
        while not is_so():
            await asyncio.sleep(0.001)


@asynccontextmanager
async def watching(member: Member, *, after: str = "", replica: Replica | None = None) -> AsyncIterator[Watching]:
    """Watch ``member``'s home feed; the replica knows of it within the block, and not after."""
    replica = replica or member.region.feed
    known = watchers(replica)
    metadata = call_metadata(token=member.token, after=member.region.latest)
    call = replica.feed.WatchHomeFeed(pb.WatchHomeFeedRequest(after=after), metadata=metadata)
    await eventually(lambda: watchers(replica) > known or call.done())
    try:
        yield Watching(call)
    finally:
        known = watchers(replica)
        if call.cancel():
            await eventually(lambda: watchers(replica) < known)


def watchers(replica: Replica) -> int:
    return replica.watch.watchers


async def refused(member: Member, after: str) -> SamverkaError:
    async with watching(member, after=after) as watch:
        with pytest.raises(SamverkaError) as error:
            await watch.next()
    return error.value


async def test_posts_come_as_they_arrive(region: Region, anna: Member, bengt: Member) -> None:
    await anna.follow(bengt.id)
    await publish(bengt, "before")
    async with watching(anna) as watch:
        for author in (bengt, anna, bengt):
            post = await publish(author)
            edge = await watch.next()
            assert edge.node == post
            assert edge == (await home_page(anna, first=1)).edges[0]


async def test_posts_of_others_do_not_come(region: Region, anna: Member, bengt: Member) -> None:
    carla = await region.member("carla")
    await anna.follow(bengt.id)
    async with watching(anna) as watch:
        await publish(carla)
        await anna.unfollow(bengt.id)
        await publish(bengt)
        own = await publish(anna)

        assert await watch.ids(1) == [own.id], SILENCE


async def test_whom_one_follows_from_now_on_comes_from_now_on(region: Region, anna: Member, bengt: Member) -> None:
    async with watching(anna) as watch:
        first = await publish(anna)
        assert await watch.ids(1) == [first.id]
        await publish(bengt, "before")
        own = await publish(anna)
        assert await watch.ids(1) == [own.id]
        await anna.follow(bengt.id)
        post = await publish(bengt, "since")

        assert await watch.ids(1) == [post.id], SILENCE


async def test_deleted_posts_do_not_come_and_edits_bring_nothing_again(
    region: Region, anna: Member, bengt: Member
) -> None:
    await anna.follow(bengt.id)
    cursor = f"memory:{await region.log.last_sequence()}"
    kept, gone = await publish(bengt), await publish(bengt)
    await delete(bengt, gone.id)
    async with watching(anna, after=cursor) as watch:
        assert await watch.ids(1) == [kept.id]
        await edit(bengt, kept.id)
        post = await publish(bengt)

        assert await watch.ids(1) == [post.id], SILENCE


async def test_one_goes_on_from_a_cursor_without_a_gap(
    region: Region, anna: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "WATCHED_ITEMS_MAX", 3)
    posts = [(await publish(anna, f"number {n}")).id for n in range(10)]
    first = (await home_page(anna, first=100)).edges[-1]

    async with watching(anna, after=first.cursor) as watch:
        assert await watch.ids(4) == posts[1:5]
        edge = await watch.next()
    async with watching(anna, after=edge.cursor) as watch:
        posts.append((await publish(anna)).id)
        assert await watch.ids(5) == posts[6:]


async def test_one_goes_on_through_another_replica(region: Region, anna: Member) -> None:
    other = await region.add_feed()
    async with watching(anna) as watch:
        await publish(anna)
        edge = await watch.next()
    missed = await publish(anna)

    async with watching(anna, after=edge.cursor, replica=other) as watch:
        assert await watch.ids(1) == [missed.id]
        post = await publish(anna)
        assert await watch.ids(1) == [post.id]


async def test_an_old_cursor_is_gone_on_from_however_long_the_log_has_become(
    region: Region, anna: Member, bengt: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_home_feed, "WINDOW_SEQUENCES", 2)
    own = []
    for n in range(4):
        own.append((await publish(anna)).id)
        for _ in range(3):
            await publish(bengt, f"number {n}")

    async with watching(anna, after="memory:0") as watch:
        assert await watch.ids(4) == own


async def test_all_who_watch_get_it_and_each_their_own(region: Region, anna: Member, bengt: Member) -> None:
    await anna.follow(bengt.id)
    async with watching(anna) as one, watching(anna) as two, watching(bengt) as three:
        own, post = await publish(anna), await publish(bengt)

        assert await one.ids(2) == await two.ids(2) == [own.id, post.id]
        assert await three.ids(1) == [post.id], SILENCE


@pytest.mark.parametrize(
    ("after", "code"),
    [
        ("nonsense", "malformed_cursor"),
        ("memory:-1", "malformed_cursor"),
        ("memory:9223372036854775808", "malformed_cursor"),
        ("former:1", "expired_cursor"),
    ],
)
async def test_what_is_no_cursor_is_refused(region: Region, anna: Member, after: str, code: str) -> None:
    error = await refused(anna, after)

    assert (type(error).__name__, error.code, error.field) == ("Invalid", code, "after")
    assert watchers(region.feed) == 0


@FUZZED
@given(after=st.text(min_size=1).filter(lambda text: not text.startswith("memory:")))
async def test_anything_else_that_is_no_cursor_is_refused(region: Region, anna: Member, after: str) -> None:
    error = await refused(anna, after)

    assert (type(error).__name__, error.field) == ("Invalid", "after")


async def test_what_lies_before_a_cursor_does_not_come_on_a_replica_that_has_yet_to_reach_it(
    region: Region, anna: Member
) -> None:
    ahead = await region.log.last_sequence() + 2
    async with watching(anna, after=f"memory:{ahead}") as watch:
        _, _, third = [await publish(anna, f"number {n}") for n in range(3)]

        assert await watch.ids(1) == [third.id], SILENCE


async def test_what_is_restored_stands_where_it_arrived_and_does_not_come_again(anna: Member, bengt: Member) -> None:
    group = await create_group(anna)
    await join(bengt, group.id)
    async with watching(bengt) as watch:
        seen = await publish(bengt, "seen", group_id=group.id)
        assert await watch.ids(1) == [seen.id]
        await hide(anna, seen.id)
        await restore(anna, seen.id)
        later = await publish(bengt, "later")

        assert await watch.ids(1) == [later.id], SILENCE
    assert await home(bengt) == [later.id, seen.id]


async def test_the_furthest_cursor_waits(region: Region, anna: Member) -> None:
    async with watching(anna, after="memory:9223372036854775807"):
        await publish(anna)
        assert watchers(region.feed) == 1


async def test_the_number_of_watchers_is_bounded(
    region: Region, anna: Member, bengt: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "WATCHERS_MAX", 2)
    async with watching(anna) as first, watching(bengt):
        error = await refused(anna, "")
        assert (type(error).__name__, error.code) == ("Exhausted", "too_many_watchers")

        first.go_away()
        await eventually(lambda: watchers(region.feed) == 1)
        async with watching(anna) as again:
            post = await publish(anna)
            assert await again.ids(1) == [post.id]


async def test_who_goes_away_leaves_nothing_behind(region: Region, anna: Member, bengt: Member) -> None:
    async with watching(anna) as waiting, watching(anna, after="memory:0") as reading:
        await publish(anna)
        await waiting.next()
        await reading.next()
    await eventually(lambda: watchers(region.feed) == 0)

    assert not region.feed.watch._homes.names


async def test_who_goes_away_while_they_are_sent_a_post_is_forgotten_at_once(region: Region, anna: Member) -> None:
    """A slow reader: the servicer waits in the middle of a page."""
    for _ in range(3):
        await publish(anna)
    home = FeedWatch(runner=region.feed.runner)
    rpc = FeedRpc(region=REGION, decider=region.feed.decider, runner=region.feed.runner, watch=home)
    context: Any = None
    with with_caller(await TrustingVerifier().verify(anna.token)):
        answers: Any = rpc.WatchHomeFeed(pb.WatchHomeFeedRequest(after="memory:0"), context)
        async with aclosing(answers):
            await anext(answers)
            assert home.watchers == 1

        assert home.watchers == 0
