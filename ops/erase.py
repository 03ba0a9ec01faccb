"""``samverka erase``: have a person erased everywhere, and see how far that has come."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import grpc

from ops.dirs import DataDir
from ops.failure import Failure
from ops.network_client import network_stub
from ops.peers import network_address, operators_metadata
from ops.state import read_run
from samverka.network.v1 import network_service_pb2 as pb
from samverka.network.v1.network_views_pb2 import ERASURE_STATE_DONE, Erasure, RegionErasure
from services.chassis.channels import call
from services.chassis.clock import Clock
from services.chassis.errors import SamverkaError

_LOOK_SECONDS = 0.5
Show = Callable[[str], None]
Sleep = Callable[[float], Awaitable[None]]


async def erase(
    data: DataDir, region: str, person: str, *, wait: bool, clock: Clock, show: Show, sleep: Sleep = asyncio.sleep
) -> None:
    """Order the erasure in the person's home region and show each region that has done it, with ``wait`` until all have.

    Failure if the region does not run or refuses.
    """
    run = read_run(data)
    address = network_address(run, region) if run is not None and run.supervisor.find() is not None else ""
    if not address:
        raise Failure(f"The region {region} does not run on {data.root}.")
    metadata = operators_metadata(data, region, clock)
    try:
        async with network_stub(address) as stub:
            ordered = await call(stub.OrderErasure, pb.OrderErasureRequest(person_id=person), metadata=metadata)
            show(f"The erasure {ordered.erasure.id} is ordered.")
            request = pb.GetErasureRequest(person_id=person)
            await _follow(lambda: call(stub.GetErasure, request, metadata=metadata), wait=wait, show=show, sleep=sleep)
    except SamverkaError as error:
        raise Failure(error.message) from error
    except grpc.RpcError as error:
        raise Failure("The network service does not answer.") from error


async def _follow(ask: Callable[[], Awaitable[pb.GetErasureResponse]], *, wait: bool, show: Show, sleep: Sleep) -> None:
    """Show each region once it has done it; at the end, or at once without ``wait``, those that have not."""
    shown: set[str] = set()
    while True:
        erasure = (await ask()).erasure
        for region in erasure.regions:
            if _is_done(region) and region.region not in shown:
                shown.add(region.region)
                show(_done(region))
        waiting = _waiting(erasure)
        if not waiting or not wait:
            break
        await sleep(_LOOK_SECONDS)
    for name in waiting:
        show(f"{name}: waiting")


def _waiting(erasure: Erasure) -> list[str]:
    return [region.region for region in erasure.regions if not _is_done(region)]


def _is_done(region: RegionErasure) -> bool:
    return region.state == ERASURE_STATE_DONE


def _done(region: RegionErasure) -> str:
    return f"{region.region}: done at {datetime.fromtimestamp(region.at_ms // 1000, UTC):%Y-%m-%d %H:%M:%S} UTC"
