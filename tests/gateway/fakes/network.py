"""The stand-in of the network service, and what it answers with."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from samverka.network.v1 import network_service_pb2 as network_pb2
from samverka.network.v1 import network_views_pb2 as network_views
from samverka.network.v1.network_service_pb2_grpc import NetworkServiceServicer
from services.chassis.errors import SamverkaError
from services.chassis.ids import derive
from tests.gateway.fakes.answering import REGION, Fake, answers_with, refuse
from tests.gateway.fakes.profile import person_id


def network(*, behind: int = 3) -> network_views.Network:
    return network_views.Network(
        region=REGION,
        peers=[
            network_views.Peer(
                region="austin",
                state=network_views.LINK_STATE_CONNECTED,
                last_contact_at_ms=1_700_000_000_000,
                events_behind=behind,
                held_sequence=2**40,
                holds_of_ours=7,
                reported_at_ms=1_700_000_000_001,
                refused_events=1,
            ),
            network_views.Peer(region="tokyo", state=network_views.LINK_STATE_NEVER),
        ],
        alarms=[network_views.Alarm(code="link_silent", region="tokyo", message="Nothing was heard from tokyo.")],
        refusals=[network_views.RefusedEvents(origin="austin", actor=person_id("bo"), reason="owner", events=1)],
    )


def erasure(person: str) -> network_views.Erasure:
    return network_views.Erasure(
        id=derive(REGION, "erasure", person),
        person_id=person,
        ordered_at_ms=1_700_000_000_000,
        regions=[
            network_views.RegionErasure(region=REGION, state=network_views.ERASURE_STATE_DONE, at_ms=1_700_000_000_001),
            network_views.RegionErasure(region="tokyo", state=network_views.ERASURE_STATE_WAITING),
        ],
    )


class FakeNetwork(Fake, NetworkServiceServicer):
    """A network service of three regions; what it tells watchers comes out of ``changing``: how far it is behind."""

    GetNetwork = answers_with("GetNetwork", lambda fake, request: network_pb2.GetNetworkResponse(network=network()))
    OrderErasure = answers_with(
        "OrderErasure",
        lambda fake, request: network_pb2.OrderErasureResponse(
            erasure=erasure(request.person_id), position=fake.position()
        ),
    )
    GetErasure = answers_with(
        "GetErasure", lambda fake, request: network_pb2.GetErasureResponse(erasure=erasure(person_id("ann")))
    )

    def __init__(self) -> None:
        super().__init__()
        self.changing: asyncio.Queue[int | SamverkaError] = asyncio.Queue()

    async def WatchNetwork(self, request: Any, context: Any) -> AsyncIterator[Any]:
        await self.begin("WatchNetwork", request, context)
        while True:
            told = await self.changing.get()
            if isinstance(told, SamverkaError):
                await refuse(context, told)
            else:
                yield network_pb2.WatchNetworkResponse(network=network(behind=told))
