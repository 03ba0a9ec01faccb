"""Watching a group or a thread: what comes is what it shows, as it arrives, to whoever sees it and as long as they do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
import pytest

from samverka.feed.v1 import feed_service_pb2 as pb
from samverka.network.v1.network_events_pb2 import ErasureOrdered
from services.chassis.errors import NotFound, from_status
from services.chassis.ids import region_actor
from services.chassis.interceptors import call_metadata
from tests.feed.calls import (
    ban,
    comment,
    create_group,
    create_private_group,
    delete,
    hide,
    join,
    leave,
    let_in,
    publish,
    remove,
)
from tests.feed.test_watching import SILENCE, eventually
from tests.support.services import REGION, WAIT_SECONDS_MAX, Member, Region
from tests.support.tables import an_id


class Watching:
    """A stream of a group or a thread, which begins with the cursor after which it brings something."""

    def __init__(self, call: Any) -> None:
        self._answers = aiter(call)
        self.begins_after = ""

    async def next(self) -> Any:
        async with asyncio.timeout(WAIT_SECONDS_MAX):
            try:
                return await anext(self._answers)
            except grpc.aio.AioRpcError as error:
                raise from_status(error) from error

    async def ids(self, number: int) -> list[str]:
        return [(await self.next()).edge.node.id for _ in range(number)]


@asynccontextmanager
async def watching(member: Member, method: Any, request: Any) -> AsyncIterator[Watching]:
    metadata = call_metadata(token=member.token, after=member.region.latest)
    call = method(request, metadata=metadata)
    watch = Watching(call)
    try:
        watch.begins_after = (await watch.next()).begins_after
        yield watch
    finally:
        call.cancel()


def group_of(member: Member, group_id: str, *, after: str = "") -> Any:
    return watching(member, member.region.feed.feed.WatchGroup, pb.WatchGroupRequest(group_id=group_id, after=after))


def thread_of(member: Member, post_id: str, *, after: str = "") -> Any:
    return watching(member, member.region.feed.feed.WatchThread, pb.WatchThreadRequest(post_id=post_id, after=after))


async def known(region: Region, number: int = 1) -> None:
    """Wait until the replica knows of so many watchers."""
    await eventually(lambda: region.feed.watch.watchers == number)


async def test_posts_come_as_they_arrive_in_a_group(region: Region, anna: Member, bengt: Member) -> None:
    group, other = await create_group(anna), await create_group(anna)
    await publish(anna, "before", group_id=group.id)
    async with group_of(bengt, group.id) as watch:
        await known(region)
        await publish(anna)
        await publish(anna, group_id=other.id)
        posts = [(await publish(anna, group_id=group.id)).id for _ in range(3)]

        assert await watch.ids(3) == posts, SILENCE


async def test_comments_come_as_they_arrive_below_a_post(region: Region, anna: Member, bengt: Member) -> None:
    post, other = await publish(anna), await publish(anna)
    await comment(bengt, post.id, "before")
    async with thread_of(bengt, post.id) as watch:
        await known(region)
        await comment(anna, other.id)
        comments = [(await comment(anna, post.id)).id for _ in range(3)]

        assert await watch.ids(3) == comments, SILENCE


async def test_one_goes_on_from_where_it_began_or_from_the_last_that_came(anna: Member) -> None:
    group = await create_group(anna)
    async with group_of(anna, group.id) as watch:
        begun = watch.begins_after
    first, second = await publish(anna, group_id=group.id), await publish(anna, group_id=group.id)

    async with group_of(anna, group.id, after=begun) as watch:
        edge = (await watch.next()).edge
        assert edge.node.id == first.id
    async with group_of(anna, group.id, after=edge.cursor) as watch:
        assert await watch.ids(1) == [second.id]


async def test_what_is_hidden_or_deleted_does_not_come(anna: Member) -> None:
    group = await create_group(anna)
    async with group_of(anna, group.id) as watch:
        begun = watch.begins_after
    hidden, gone = await publish(anna, group_id=group.id), await publish(anna, group_id=group.id)
    await hide(anna, hidden.id)
    await delete(anna, gone.id)
    shown = await publish(anna, group_id=group.id)

    async with group_of(anna, group.id, after=begun) as watch:
        assert await watch.ids(1) == [shown.id], SILENCE


async def test_a_private_group_and_what_stands_in_it_is_watched_by_its_members_alone(
    region: Region, anna: Member, bengt: Member
) -> None:
    board = await create_private_group(anna)
    post = await publish(anna, group_id=board.id)

    for stream, code in ((group_of(bengt, board.id), "group_not_found"), (thread_of(bengt, post.id), "post_not_found")):
        async with stream as watch:
            with pytest.raises(NotFound) as error:
                await watch.next()
            assert error.value.code == code
    await let_in(anna, board.id, bengt)
    async with group_of(bengt, board.id) as watch, thread_of(bengt, post.id) as below:
        await known(region, 2)
        remark, another = await comment(anna, post.id), await publish(anna, group_id=board.id)
        assert (await watch.ids(1), await below.ids(1)) == ([another.id], [remark.id])


@pytest.mark.parametrize("end", ["leave", "remove", "ban"])
async def test_a_stream_ends_with_the_membership(region: Region, anna: Member, bengt: Member, end: str) -> None:
    board = await create_private_group(anna)
    await let_in(anna, board.id, bengt)
    post = await publish(anna, group_id=board.id)
    async with group_of(bengt, board.id) as watch, thread_of(bengt, post.id) as below:
        await known(region, 2)
        if end == "leave":
            await leave(bengt, board.id)
        else:
            await {"remove": remove, "ban": ban}[end](anna, board.id, bengt.id)
        await comment(anna, post.id)
        await publish(anna, group_id=board.id)

        for stream, code in ((watch, "group_not_found"), (below, "post_not_found")):
            with pytest.raises(NotFound) as error:
                await stream.next()
            assert error.value.code == code
    await known(region, 0)


@pytest.mark.parametrize("end", ["delete", "hide", "erase"])
async def test_a_stream_of_a_thread_ends_when_its_post_is_shown_no_more(
    region: Region, anna: Member, bengt: Member, end: str
) -> None:
    group = await create_group(anna)
    await join(bengt, group.id)
    carla = await region.member("carla")
    post = await publish(bengt, group_id=group.id)
    async with thread_of(carla, post.id) as watch:
        await known(region)
        match end:
            case "delete":
                await delete(bengt, post.id)
            case "hide":
                await hide(anna, post.id)
            case _:
                order = ErasureOrdered(erasure_id=an_id("erasure"), person_id=bengt.id)
                await region.assert_fact(order, actor=region_actor(REGION), owner=REGION, service="network")

        with pytest.raises(NotFound) as error:
            await watch.next()
        assert error.value.code == "post_not_found"


async def test_members_who_join_and_leave_disturb_nobody_else(region: Region, anna: Member, bengt: Member) -> None:
    group = await create_group(anna)
    async with group_of(anna, group.id) as watch:
        await known(region)
        await join(bengt, group.id)
        await leave(bengt, group.id)
        post = await publish(anna, group_id=group.id)

        assert await watch.ids(1) == [post.id], SILENCE
