"""Two replicas of each service: a write through one is read through the other by the same caller at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc
import pytest

from samverka.event.v1.event_pb2 import CommandContext
from samverka.feed.v1 import feed_service_pb2 as pb
from samverka.feed.v1.feed_service_pb2_grpc import FeedServiceStub
from services.chassis.interceptors import behind_events
from tests.e2e.network import ANSWER_SECONDS_MAX, Network, wait_until

if TYPE_CHECKING:  # it is in the stubs alone
    from samverka.feed.v1.feed_service_pb2_grpc import FeedServiceAsyncStub

EACH, POSTS = 50, 100
OPTIONS = ("--replicas", "2")
pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(600)]


async def test_a_write_through_one_replica_is_read_through_the_other_at_once(network: Network) -> None:
    async with network.client("anna") as anna:
        await anna.ask("{ viewer { id } }")
    one, other = network.addresses("feed")
    token = ("authorization", f"Bearer {network.token('anna')}")
    async with grpc.aio.insecure_channel(one) as first, grpc.aio.insecure_channel(other) as second:
        writer, reader = FeedServiceStub(first), FeedServiceStub(second)
        for number in range(EACH):
            request = pb.PublishPostRequest(
                context=CommandContext(idempotency_key=f"n{number}"), body=f"number {number}"
            )
            written = await writer.PublishPost(request, metadata=(token,), timeout=ANSWER_SECONDS_MAX)
            after = ("samverka-after", f"{written.position.epoch}:{written.position.sequence}")
            page = await read(reader, metadata=(token, after))

            assert page.posts.edges[0].node.id == written.post.id
            writer, reader = reader, writer


async def read(reader: FeedServiceAsyncStub, *, metadata: tuple[tuple[str, str], ...]) -> pb.ListHomeFeedResponse:
    """Return the first page, from a replica that does not say that it is behind: on a slow machine it may for a while."""
    while True:
        call = reader.ListHomeFeed(pb.ListHomeFeedRequest(first=1), metadata=metadata, timeout=ANSWER_SECONDS_MAX)
        page: pb.ListHomeFeedResponse = await call
        if not behind_events(await call.trailing_metadata()):
            return page


async def test_the_gateway_remembers_for_its_callers(network: Network) -> None:
    async with network.client("bengt") as bengt:
        for number in range(EACH):
            written = await bengt.create_post(f"number {number}", f"b{number}")

            assert (await bengt.home_feed())[0]["id"] == written["post"]["id"]


async def test_both_replicas_hold_the_same(network: Network) -> None:
    def all_have_come() -> bool:
        return [rows_of(replica)["posts"] for replica in feeds(network)] == [POSTS, POSTS]

    await wait_until(all_have_come, seconds=ANSWER_SECONDS_MAX)
    one, other = [replica["tables"] for replica in feeds(network)]

    assert one == other


def feeds(network: Network) -> list[dict[str, Any]]:
    return [replica for replica in network.digest() if replica["service"] == "feed"]


def rows_of(replica: dict[str, Any]) -> dict[str, int]:
    return {table["table"]: table["rows"] for table in replica["tables"]}
