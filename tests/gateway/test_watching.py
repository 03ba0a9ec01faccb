"""Groups and threads as they are watched over a WebSocket: what comes, how it goes on, and how it ends."""

from __future__ import annotations

import pytest

from services.chassis.errors import NotFound, Unavailable
from tests.gateway.fakes.answering import EPOCH
from tests.gateway.fakes.content import GROUP_ID, comment, post_id
from tests.gateway.fakes.node import Node
from tests.gateway.test_sockets import address, opened

__all__ = ["address"]

GROUP = "subscription($id: ID!, $after: String) { groupUpdates(groupId: $id, after: $after) { cursor node { id } } }"
THREAD = "subscription($id: ID!, $after: String) { threadUpdates(postId: $id, after: $after) { cursor node { id } } }"
KINDS = pytest.mark.parametrize(
    ("query", "field", "method", "identifier"),
    [(GROUP, "groupUpdates", "WatchGroup", GROUP_ID), (THREAD, "threadUpdates", "WatchThread", post_id(1))],
    ids=["group", "thread"],
)


def shown(field: str, number: int) -> dict[str, object]:
    node = post_id(number) if field == "groupUpdates" else comment(number).id
    return {"data": {field: {"cursor": f"{EPOCH}:{number}", "node": {"id": node}}}}


@KINDS
async def test_what_arrives_comes(
    node: Node, address: str, query: str, field: str, method: str, identifier: str
) -> None:
    async with opened(address) as socket:
        await socket.sign_in()
        await socket.subscribe(query, {"id": identifier, "after": f"{EPOCH}:4"})
        for number in (5, 6):
            node.feed.arriving.put_nowait(number)
            assert (await socket.receive())["payload"] == shown(field, number)
    [call] = node.feed.named(method)
    assert (identifier in str(call.request), call.request.after) == (True, f"{EPOCH}:4")


@KINDS
async def test_a_stream_that_breaks_goes_on_from_where_it_began_or_from_what_came_last(
    node: Node, address: str, query: str, field: str, method: str, identifier: str
) -> None:
    async with opened(address) as socket:
        await socket.sign_in()
        await socket.subscribe(query, {"id": identifier})
        for told in (Unavailable("Restarted."), 5, Unavailable("Restarted."), 6):
            node.feed.arriving.put_nowait(told)
        assert [(await socket.receive())["payload"] for _ in range(2)] == [shown(field, 5), shown(field, 6)]
    # The fake begins anew each time; so what counts is that the second asks for where the first began.
    assert [call.request.after for call in node.feed.named(method)][:2] == ["", f"{EPOCH}:1"]


@KINDS
async def test_it_ends_with_a_code_when_it_is_not_there_any_more(
    node: Node, address: str, query: str, field: str, method: str, identifier: str
) -> None:
    async with opened(address) as socket:
        await socket.sign_in()
        await socket.subscribe(query, {"id": identifier})
        node.feed.arriving.put_nowait(NotFound("There is no such thing.", code="group_not_found"))
        message = await socket.receive()
    assert "group_not_found" in str(message["payload"])
