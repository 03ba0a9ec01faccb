"""Two replicas of each service: a write through one is read through the other by the same caller at once."""

from __future__ import annotations

import grpc
import pytest

from samverka.event.v1.event_pb2 import CommandContext
from samverka.feed.v1 import feed_service_pb2 as pb
from samverka.feed.v1.feed_service_pb2_grpc import FeedServiceStub
from tests.e2e.network import Network

OPTIONS = ("--replicas", "2")
pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(240)]


async def test_a_write_through_one_replica_is_read_through_the_other_at_once(network: Network) -> None:
    async with network.client("anna") as anna:
        await anna.ask("{ viewer { id } }")
    one, other = network.addresses("feed")
    token = ("authorization", f"Bearer {network.token('anna')}")
    async with grpc.aio.insecure_channel(one) as first, grpc.aio.insecure_channel(other) as second:
        writer, reader = FeedServiceStub(first), FeedServiceStub(second)
        for number in range(50):
            request = pb.PublishPostRequest(
                context=CommandContext(idempotency_key=f"n{number}"), body=f"number {number}"
            )
            written = await writer.PublishPost(request, metadata=(token,), timeout=10)
            after = ("samverka-after", f"{written.position.epoch}:{written.position.sequence}")
            page = await reader.ListHomeFeed(pb.ListHomeFeedRequest(first=1), metadata=(token, after), timeout=10)

            assert page.posts.edges[0].node.id == written.post.id
            writer, reader = reader, writer


async def test_the_gateway_remembers_for_its_callers(network: Network) -> None:
    async with network.client("bengt") as bengt:
        for number in range(50):
            written = await bengt.create_post(f"number {number}", f"b{number}")

            assert (await bengt.home_feed())[0]["id"] == written["post"]["id"]


async def test_both_replicas_hold_the_same(network: Network) -> None:
    one, other = [replica["tables"] for replica in network.digest() if replica["service"] == "feed"]

    assert one == other
    assert {table["table"]: table["rows"] for table in one}["posts"] == 100
