"""How each region does with the others, as its own network service tells an operator."""

from __future__ import annotations

from dataclasses import dataclass, field

import grpc

from ops.dirs import DataDir
from ops.network_client import network_stub
from ops.node_client import why
from ops.plan import NETWORK
from ops.state import RunRecord
from ops.tokens import Bearer, make_token
from samverka.network.v1 import network_service_pb2, network_views_pb2
from services.chassis.clock import Clock
from services.chassis.interceptors import call_metadata

_ANSWER_SECONDS_MAX = 2
_TOKEN_SECONDS = 600
_OPERATOR = "operator"
_STATES = {
    network_views_pb2.LINK_STATE_NEVER: "never",
    network_views_pb2.LINK_STATE_CONNECTED: "connected",
    network_views_pb2.LINK_STATE_SILENT: "silent",
}


@dataclass(frozen=True, slots=True)
class PeerStatus:
    """One peer, seen from ``region``. None: not known, because nothing is heard from the peer now, or ever."""

    region: str
    peer: str
    state: str
    last_contact_seconds: float | None
    events_behind: int | None
    holds_of_ours: int
    refused_events: int

    @property
    def well(self) -> bool:
        return self.state == "connected"


@dataclass(frozen=True, slots=True)
class AlarmStatus:
    """What ``region`` finds wrong with ``peer``; ``code`` has a runbook."""

    region: str
    peer: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class RegionStatus:
    """What one region's network service tells; ``trouble`` is empty if it answered."""

    region: str
    peers: list[PeerStatus] = field(default_factory=list)
    alarms: list[AlarmStatus] = field(default_factory=list)
    trouble: str = ""

    @property
    def well(self) -> bool:
        return not self.trouble and not self.alarms and all(peer.well for peer in self.peers)


def operators_metadata(data: DataDir, region: str, clock: Clock) -> tuple[tuple[str, str], ...]:
    """Return the metadata of a call that an admin of ``region`` makes."""
    bearer = Bearer(region=region, handle=_OPERATOR, roles=("admin",))
    return call_metadata(token=make_token(data, bearer, lifetime_seconds=_TOKEN_SECONDS, clock=clock))


def network_address(run: RunRecord, region: str) -> str:
    """Return where a network service of ``region`` listens; empty if none runs."""
    addresses = [record.addresses["grpc"] for record in run.of_region(region) if record.service == NETWORK]
    return addresses[0] if addresses else ""


async def ask_region(data: DataDir, run: RunRecord, region: str, *, clock: Clock) -> RegionStatus | None:
    """Return what the region's network service tells; None if the region has none."""
    address = network_address(run, region)
    if not address:
        return None
    metadata = operators_metadata(data, region, clock)
    try:
        async with network_stub(address) as stub:
            request = network_service_pb2.GetNetworkRequest()
            answer = await stub.GetNetwork(request, metadata=metadata, timeout=_ANSWER_SECONDS_MAX)
    except grpc.aio.AioRpcError as error:
        return RegionStatus(region=region, trouble=why(error))
    network, now_ms = answer.network, clock.wall_ms()
    return RegionStatus(
        region=region,
        peers=[_peer(region, peer, now_ms) for peer in network.peers],
        alarms=[AlarmStatus(region, alarm.region, alarm.code, alarm.message) for alarm in network.alarms],
    )


def _peer(region: str, peer: network_views_pb2.Peer, now_ms: int) -> PeerStatus:
    heard = peer.last_contact_at_ms
    return PeerStatus(
        region=region,
        peer=peer.region,
        state=_STATES.get(peer.state, "unknown"),
        last_contact_seconds=max(0, now_ms - heard) / 1000 if heard else None,
        events_behind=peer.events_behind if peer.HasField("events_behind") else None,
        holds_of_ours=peer.holds_of_ours,
        refused_events=peer.refused_events,
    )
