"""The network service over gRPC: requests are parsed here, carried out below, and answered with what is shown."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import grpc.aio

from samverka.network.v1 import network_service_pb2 as pb
from samverka.network.v1.network_service_pb2_grpc import NetworkServiceServicer
from samverka.network.v1.network_views_pb2 import Erasure, Network
from services.chassis.auth import Caller, current_caller
from services.chassis.deciding import Decider, parse_intent, region_intent
from services.chassis.errors import Forbidden, Invalid, NotFound, Unavailable
from services.chassis.eventlog.port import EventLog
from services.chassis.ids import parse, region_of
from services.chassis.store import Store
from services.network.commands.order_erasure import OrderErasure, order_erasure
from services.network.domain.erasures import everything_of
from services.network.membership import Membership
from services.network.queries.get_erasure import find_erasure
from services.network.watching import NetworkWatch

Context = grpc.aio.ServicerContext[Any, Any]
_ADMIN = "admin"


class NetworkRpc(NetworkServiceServicer):
    """What operators, integrators and the gateway call."""

    def __init__(
        self,
        *,
        region: str,
        decider: Decider,
        log: EventLog,
        store: Store,
        membership: Membership,
        watch: NetworkWatch,
    ) -> None:
        self._region = region
        self._decider = decider
        self._log = log
        self._store = store
        self._membership = membership
        self._watch = watch

    async def GetNetwork(self, request: pb.GetNetworkRequest, context: Context) -> pb.GetNetworkResponse:
        return pb.GetNetworkResponse(network=_shown_to(current_caller(), self._watch.network()))

    async def WatchNetwork(
        self, request: pb.WatchNetworkRequest, context: Context
    ) -> AsyncIterator[pb.WatchNetworkResponse]:
        caller = current_caller()
        async with aclosing(self._watch.watch()) as networks:
            async for network in networks:
                yield pb.WatchNetworkResponse(network=_shown_to(caller, network))

    async def OrderErasure(self, request: pb.OrderErasureRequest, context: Context) -> pb.OrderErasureResponse:
        caller = current_caller()
        parse_intent(request, request.context, caller, self._region)  # its key needs no memory: one person, one erasure
        person = parse(request.person_id, field="person_id")
        self._require_right(caller, person)
        is_known = bool(await self._log.last_sequence(everything_of(person)))
        intent = region_intent(self._region, recorded_by=caller.person_id)
        command = OrderErasure(intent, self._region, person, is_known=is_known)
        outcome = await order_erasure(command, decider=self._decider)
        erasure = self._find(person_id=person)
        if erasure is None:
            raise Unavailable("It is ordered, and not yet shown; ask again.", code="behind")
        return pb.OrderErasureResponse(erasure=erasure, position=outcome.position.message())

    async def GetErasure(self, request: pb.GetErasureRequest, context: Context) -> pb.GetErasureResponse:
        caller, by = current_caller(), request.WhichOneof("by")
        if by is None:
            raise Invalid("Ask by the erasure's id or by the person's.", code="empty", field="erasure_id")
        erasure = self._find(**{by: parse(getattr(request, by), field=by)})
        if erasure is None or (erasure.person_id != caller.person_id and _ADMIN not in caller.roles):
            raise NotFound("There is no such erasure.", code="erasure_not_found", field=by)
        return pb.GetErasureResponse(erasure=erasure)

    def _require_right(self, caller: Caller, person: str) -> None:
        if caller.person_id != person and _ADMIN not in caller.roles:
            raise Forbidden("Only they themselves or an admin may have a person erased.", field="person_id")
        if region_of(person) != self._region:
            raise Invalid("That person is at home in another region.", code="home_elsewhere", field="person_id")

    def _find(self, *, erasure_id: str = "", person_id: str = "") -> Erasure | None:
        regions = (self._region, *self._membership.peers)
        return self._store.read_now(
            lambda db: find_erasure(db, erasure_id=erasure_id, person_id=person_id, regions=regions)
        )


def _shown_to(caller: Caller, network: Network) -> Network:
    """Return what the caller may see of the network: whose events were refused is for admins."""
    shown = Network()
    shown.CopyFrom(network)
    if _ADMIN not in caller.roles:
        shown.ClearField("refusals")
    return shown
