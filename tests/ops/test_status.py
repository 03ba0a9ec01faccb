"""Facts about the report on a network, with a replica, a gateway and a log that the tests stand in for."""

from __future__ import annotations

import asyncio
import io
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import grpc
import orjson
import pytest
from rich.console import Console

from ops.digest import as_json, as_text, digests
from ops.dirs import DataDir
from ops.failure import Failure
from ops.peers import PeerStatus, RegionStatus
from ops.ports import FreePorts
from ops.state import Identity, LinkRecord, LinkState, ProcessRecord, RunRecord, State, write_run
from ops.status import Status, collect
from ops.status_view import SaidOf, tables
from samverka.event.v1 import event_pb2
from samverka.node.v1 import node_service_pb2, node_service_pb2_grpc
from services.chassis.clock import SystemClock


class StandInNode(node_service_pb2_grpc.NodeServiceServicer):
    """A replica that is where the test says."""

    def __init__(self, *, ready: bool) -> None:
        self._ready = ready

    async def GetProjection(
        self, request: node_service_pb2.GetProjectionRequest, context: object
    ) -> node_service_pb2.GetProjectionResponse:
        return node_service_pb2.GetProjectionResponse(
            service="feed",
            region="stockholm",
            position=event_pb2.Position(epoch="e1", sequence=41),
            lag_events=3,
            skipped_events=2,
            refused_events=1,
            ready=self._ready,
        )

    async def GetDigest(
        self, request: node_service_pb2.GetDigestRequest, context: object
    ) -> node_service_pb2.GetDigestResponse:
        table = node_service_pb2.TableDigest(table="posts", rows=7, sha256=b"\x01\xff")
        origin = node_service_pb2.OriginDigest(origin="tokyo", sequence=12, rows=5, sha256=b"\x02\xfe")
        return node_service_pb2.GetDigestResponse(
            position=event_pb2.Position(epoch="e1", sequence=41), tables=[table], origins=[origin]
        )


@asynccontextmanager
async def stand_in_replica(*, ready: bool = True) -> AsyncIterator[str]:
    """Give the address of a stand-in's admin port."""
    server = grpc.aio.server()
    node_service_pb2_grpc.add_NodeServiceServicer_to_server(StandInNode(ready=ready), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await server.stop(None)


@asynccontextmanager
async def stand_in_gateway(status_line: str) -> AsyncIterator[str]:
    """Give the URL of a gateway that answers everything with ``status_line``."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 {status_line}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.fixture
def data(tmp_path: Path) -> DataDir:
    return DataDir.at(tmp_path)


@pytest.fixture
def dead_address(free_ports: FreePorts) -> str:
    return f"127.0.0.1:{free_ports.take()}"


def _run(*, replica: str, gateway: str, log: str) -> RunRecord:
    myself = Identity.mine()
    processes = [
        ProcessRecord("stockholm/nats", "stockholm", "nats", State.READY, myself, 0, {"nats": log}),
        ProcessRecord("stockholm/feed-1", "stockholm", "feed", State.READY, myself, 4, {"admin": replica}),
    ]
    return RunRecord(myself, "http://127.0.0.1:1", {"stockholm": gateway}, processes)


def _shown(status: Status, *, said_of: SaidOf | None = None) -> str:
    stream = io.StringIO()
    Console(file=stream, width=120).print(tables(status, said_of=said_of))
    return stream.getvalue()


async def test_a_replica_tells_where_it_is(data: DataDir, dead_address: str) -> None:
    async with stand_in_replica() as replica, stand_in_gateway("200 OK") as gateway:
        write_run(data, _run(replica=replica, gateway=gateway, log=dead_address))
        status = await collect(data, clock=SystemClock())
    (projection,) = status.projections
    assert (projection.position, projection.lag_events) == ("e1:41", 3)
    assert (projection.skipped_events, projection.refused_events, projection.well) == (2, 1, True)
    assert [gateway.ready for gateway in status.gateways] == [True]
    assert [process.restarts for process in status.processes] == [0, 4]
    assert "feed-1" in _shown(status)


async def test_a_log_that_does_not_answer_is_told_and_not_well(data: DataDir, dead_address: str) -> None:
    async with stand_in_replica() as replica, stand_in_gateway("200 OK") as gateway:
        write_run(data, _run(replica=replica, gateway=gateway, log=dead_address))
        status = await collect(data, clock=SystemClock())
    assert [(log.stream, log.trouble) for log in status.logs] == [("EV_STOCKHOLM", "no answer")]
    assert (status.running, status.well) == (True, False)


async def test_a_replica_that_is_not_ready_is_not_well(data: DataDir, dead_address: str) -> None:
    async with stand_in_replica(ready=False) as replica, stand_in_gateway("503 No") as gateway:
        write_run(data, _run(replica=replica, gateway=gateway, log=dead_address))
        status = await collect(data, clock=SystemClock())
    assert (status.projections[0].well, status.gateways[0].well) == (False, False)


async def test_a_replica_that_does_not_answer_is_told(data: DataDir, dead_address: str) -> None:
    write_run(data, _run(replica=dead_address, gateway=f"http://{dead_address}", log=dead_address))
    status = await collect(data, clock=SystemClock())
    assert status.projections[0].trouble == "unavailable"
    assert "unavailable" in _shown(status)


@pytest.mark.parametrize("state", [LinkState.CUT, LinkState.HANGING])
async def test_a_link_that_is_not_open_is_shown_and_not_well(
    state: LinkState, data: DataDir, dead_address: str
) -> None:
    run = _run(replica=dead_address, gateway=f"http://{dead_address}", log=dead_address)
    links = [LinkRecord(["stockholm", "tokyo"], LinkState.OPEN), LinkRecord(["stockholm", "austin"], state)]
    write_run(data, replace(run, links=links))
    status = await collect(data, clock=SystemClock())
    assert [(link.regions, link.well) for link in status.links] == [
        (["stockholm", "tokyo"], True),
        (["stockholm", "austin"], False),
    ]
    assert str(state) in _shown(status)


def test_beside_each_peer_stands_whether_it_holds_the_same() -> None:
    peers = [PeerStatus("stockholm", peer, "connected", 0.4, 12, 34, 5) for peer in ("tokyo", "austin")]
    status = Status(data="data", running=True, well=True, regions=[RegionStatus("stockholm", peers)])
    known = {("stockholm", "tokyo"): "differ, 3 s ago"}

    rows = _shown(status, said_of=lambda one, other: known.get((one, other), "")).splitlines()

    assert [row.split() for row in rows if row.split()[:1] in (["tokyo"], ["austin"])] == [
        ["tokyo", "connected", "0", "s", "ago", "12", "34", "5", "differ,", "3", "s", "ago"],
        ["austin", "connected", "0", "s", "ago", "12", "34", "5", "comparing"],
    ]
    assert "digests" not in _shown(status)


async def test_a_process_whose_pid_is_somebody_elses_by_now_does_not_run(data: DataDir, dead_address: str) -> None:
    run = _run(replica=dead_address, gateway=f"http://{dead_address}", log=dead_address)
    gone = Identity(os.getpid(), started_at=1.0)
    write_run(data, replace(run, processes=[replace(process, identity=gone) for process in run.processes]))
    status = await collect(data, clock=SystemClock())
    assert {(process.state, process.pid) for process in status.processes} == {("stopped", None)}


async def test_a_record_whose_supervisor_is_gone_is_not_running(data: DataDir, dead_address: str) -> None:
    run = _run(replica=dead_address, gateway=f"http://{dead_address}", log=dead_address)
    write_run(data, replace(run, supervisor=Identity(os.getpid(), started_at=1.0)))
    assert (await collect(data, clock=SystemClock())).running is False


async def test_a_digest_names_replica_position_tables_origins_and_sums(data: DataDir, dead_address: str) -> None:
    async with stand_in_replica() as replica:
        write_run(data, _run(replica=replica, gateway=f"http://{dead_address}", log=dead_address))
        found = await digests(data, "stockholm")
    assert as_text(found).splitlines() == [
        "stockholm/feed-1  e1:41  posts  7  01ff",
        "stockholm/feed-1  tokyo:12  all of tokyo  5  02fe",
    ]
    (replica_digest,) = orjson.loads(as_json(found))
    assert replica_digest["origins"] == [{"origin": "tokyo", "sequence": 12, "rows": 5, "sha256": "02fe"}]


async def test_a_digest_of_a_region_that_does_not_run_fails(data: DataDir, dead_address: str) -> None:
    write_run(data, _run(replica=dead_address, gateway=f"http://{dead_address}", log=dead_address))
    with pytest.raises(Failure, match="tokyo does not run"):
        await digests(data, "tokyo")
