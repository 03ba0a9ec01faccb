"""Facts about peers in the status and about ``samverka erase``, with a network service that the tests stand in for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest

from ops.dirs import DataDir
from ops.erase import erase
from ops.failure import Failure
from ops.peers import AlarmStatus, PeerStatus, RegionStatus, ask_region
from ops.state import Identity, ProcessRecord, RunRecord, State, read_run, write_run
from samverka.network.v1 import network_service_pb2 as pb
from samverka.network.v1 import network_views_pb2 as views
from samverka.network.v1.network_service_pb2_grpc import NetworkServiceServicer, add_NetworkServiceServicer_to_server
from services.chassis.clock import ManualClock, SystemClock
from services.chassis.errors import NotFound, to_status

REGION = "stockholm"
DONE, WAITING = views.ERASURE_STATE_DONE, views.ERASURE_STATE_WAITING
NOW_MS = ManualClock().wall_ms()


class StandInNetwork(NetworkServiceServicer):
    """A network service of two regions, in which Tokyo erases at the second look."""

    def __init__(self) -> None:
        self.looks = 0
        self.tokens: list[str] = []

    async def GetNetwork(self, request: pb.GetNetworkRequest, context: Any) -> pb.GetNetworkResponse:
        self.tokens += [str(value) for key, value in context.invocation_metadata() if key == "authorization"]
        network = views.Network(region=REGION)
        network.peers.add(
            region="austin",
            state=views.LINK_STATE_CONNECTED,
            last_contact_at_ms=NOW_MS - 1500,
            events_behind=3,
            holds_of_ours=7,
            refused_events=1,
        )
        network.peers.add(region="tokyo", state=views.LINK_STATE_NEVER)
        network.alarms.add(code="link_silent", region="tokyo", message="Nothing was heard.")
        return pb.GetNetworkResponse(network=network)

    async def WatchNetwork(
        self, request: pb.WatchNetworkRequest, context: Any
    ) -> AsyncIterator[pb.WatchNetworkResponse]:
        yield pb.WatchNetworkResponse()

    async def OrderErasure(self, request: pb.OrderErasureRequest, context: Any) -> pb.OrderErasureResponse:
        if request.person_id != "anna":
            status, message, trailing = to_status(NotFound("There is no such person."))
            await context.abort(status, message, trailing)
        return pb.OrderErasureResponse(erasure=self._erasure())

    async def GetErasure(self, request: pb.GetErasureRequest, context: Any) -> pb.GetErasureResponse:
        self.looks += 1
        return pb.GetErasureResponse(erasure=self._erasure())

    def _erasure(self) -> views.Erasure:
        erasure = views.Erasure(id="e1", person_id="anna")
        erasure.regions.add(region=REGION, state=DONE, at_ms=NOW_MS)
        tokyo = DONE if self.looks > 1 else WAITING
        erasure.regions.add(region="tokyo", state=tokyo, at_ms=NOW_MS if tokyo == DONE else 0)
        return erasure


@pytest.fixture
def standing_in() -> StandInNetwork:
    return StandInNetwork()


@pytest.fixture
async def data(standing_in: StandInNetwork, tmp_path: Path) -> AsyncIterator[DataDir]:
    async with _serving(standing_in) as address:
        data = DataDir.at(tmp_path)
        record = ProcessRecord(
            name=f"{REGION}/network-1",
            region=REGION,
            service="network",
            state=State.READY,
            identity=Identity.mine(),
            restarts=0,
            addresses={"grpc": address},
        )
        write_run(data, RunRecord(Identity.mine(), issuer_url="", urls={REGION: ""}, processes=[record]))
        yield data


@asynccontextmanager
async def _serving(servicer: StandInNetwork) -> AsyncIterator[str]:
    server = grpc.aio.server()
    add_NetworkServiceServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await server.stop(None)


async def _erase(data: DataDir, person: str, *, wait: bool) -> list[str]:
    lines: list[str] = []

    async def no_time(seconds: float) -> None:
        lines.append("…")

    await erase(data, REGION, person, wait=wait, clock=SystemClock(), show=lines.append, sleep=no_time)
    return lines


async def test_peers_and_alarms_are_told_as_the_region_sees_them(data: DataDir, standing_in: StandInNetwork) -> None:
    run = read_run(data)
    assert run is not None

    told = await ask_region(data, run, REGION, clock=ManualClock())

    assert told == RegionStatus(
        REGION,
        peers=[
            PeerStatus(REGION, "austin", "connected", 1.5, 3, 7, 1),
            PeerStatus(REGION, "tokyo", "never", None, None, 0, 0),
        ],
        alarms=[AlarmStatus(REGION, "tokyo", "link_silent", "Nothing was heard.")],
    )
    assert not told.well
    assert standing_in.tokens[0].startswith("Bearer ")
    assert await ask_region(data, run, "tokyo", clock=ManualClock()) is None


async def test_an_erasure_is_followed_until_every_region_has_done_it(data: DataDir) -> None:
    assert await _erase(data, "anna", wait=True) == [
        "The erasure e1 is ordered.",
        "stockholm: done at 2023-11-14 22:13:20 UTC",
        "…",
        "tokyo: done at 2023-11-14 22:13:20 UTC",
    ]


async def test_without_waiting_it_is_told_who_has_not_done_it(data: DataDir) -> None:
    lines = await _erase(data, "anna", wait=False)
    assert lines[-2:] == ["stockholm: done at 2023-11-14 22:13:20 UTC", "tokyo: waiting"]


async def test_a_refusal_is_told_in_the_words_of_the_service(data: DataDir) -> None:
    with pytest.raises(Failure, match="no such person"):
        await _erase(data, "nobody", wait=True)


async def test_nothing_is_erased_where_nothing_runs(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="does not run"):
        await _erase(DataDir.at(tmp_path), "anna", wait=True)
