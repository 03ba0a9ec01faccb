"""An operator is told how far a replica is and what it holds."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.wrappers_pb2 import BoolValue

from samverka.node.v1.node_service_pb2 import GetDigestRequest, GetProjectionRequest
from samverka.node.v1.node_service_pb2_grpc import NodeServiceStub, add_NodeServiceServicer_to_server
from services.chassis.eventlog.memory import MemoryLog
from services.chassis.node import NodeRpc
from tests.support.logs import wait_until
from tests.support.tally import Replica, Writer, open_replica

REGION = "stockholm"


@pytest.fixture
def writer() -> Writer:
    return Writer(MemoryLog(), REGION)


@pytest.fixture
async def replica(writer: Writer, tmp_path: Path) -> AsyncIterator[Replica]:
    async with open_replica(writer.log, REGION, tmp_path) as replica:
        yield replica


@pytest.fixture
async def node(replica: Replica) -> AsyncIterator[Any]:
    server = grpc.aio.server()
    add_NodeServiceServicer_to_server(NodeRpc(runner=replica.runner), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield NodeServiceStub(channel)
    await server.stop(None)


async def test_a_projection_tells_how_far_it_is_and_what_it_met(node: Any, writer: Writer, replica: Replica) -> None:
    await writer.write("text")
    await writer.write("no right")
    await writer.write(BoolValue())
    await replica.caught_up(3)
    await wait_until(replica.runner.ready)

    told = await node.GetProjection(GetProjectionRequest(), timeout=60)

    assert (told.service, told.region, told.schema_version) == ("tally", REGION, 1)
    assert (told.position.epoch, told.position.sequence, told.lag_events) == ("memory", 3, 0)
    assert (told.refused_events, told.skipped_events, told.ready) == (1, 1, True)


async def test_a_digest_stands_for_the_position_that_it_names(node: Any, writer: Writer, replica: Replica) -> None:
    digests = []
    for number in range(1, 4):
        await replica.caught_up(await writer.write(f"text {number}"))
        digests.append(await node.GetDigest(GetDigestRequest(), timeout=60))

    assert [digest.position.sequence for digest in digests] == [1, 2, 3]
    assert {digest.position.epoch for digest in digests} == {"memory"}
    for number, digest in enumerate(digests, start=1):
        assert [(table.table, table.rows) for table in digest.tables] == [
            ("applied", number),
            ("erased", 0),
            ("origins", 1),
            ("receipts", 0),
            ("spent", 0),
        ]
    assert len({digest.tables[0].sha256 for digest in digests}) == 3
    assert all(len(table.sha256) == 32 for digest in digests for table in digest.tables)
