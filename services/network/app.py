"""The network service, put together: the only place where its parts are made."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence

from opentelemetry.metrics import CallbackOptions, Meter, Observation

from samverka.network.v1.network_service_pb2_grpc import add_NetworkServiceServicer_to_server
from samverka.network.v1.network_views_pb2 import LINK_STATE_CONNECTED, Peer
from services.chassis.eventlog.keeping import open_keeper
from services.chassis.foundation import Foundation, open_foundation
from services.chassis.telemetry import Telemetry
from services.network.domain.alarms import CODES
from services.network.membership import Membership
from services.network.policies.confirm_erasures import confirming_policy
from services.network.policies.keep_sources import SourceKeeping
from services.network.policies.purge_erased import Purging
from services.network.policies.report_progress import Reporting
from services.network.policies.tell_lost_tails import TailTelling
from services.network.projections import network_projection
from services.network.rpc import NetworkRpc
from services.network.settings import NetworkSettings
from services.network.watching import NetworkWatch


async def serve(settings: NetworkSettings) -> None:
    """Serve until the process is told to stop."""
    telemetry = Telemetry.start(settings, service="network")
    try:
        async with open_foundation(settings, network_projection(), telemetry=telemetry) as base:
            await _serve(settings, base)
    finally:
        telemetry.shutdown()


async def _serve(settings: NetworkSettings, base: Foundation) -> None:
    keeper = await open_keeper(
        url=settings.nats_url,
        region=settings.region,
        entropy=secrets.token_bytes,
        nkey_seed_file=settings.nats_nkey_seed_file,
        replicas=settings.log_replicas,
    )
    try:
        membership = Membership(settings.network_file, region=settings.region)
        membership.look()
        sources = SourceKeeping(keeper=keeper, membership=membership, clock=base.clock, entropy=secrets.token_bytes)
        purging = Purging(runner=base.runner, decider=base.decider, keeper=keeper)
        confirming = confirming_policy(
            runner=base.runner, decider=base.decider, clock=base.clock, meter=base.telemetry.meter
        )
        watch = NetworkWatch(runner=base.runner, sources=sources, clock=base.clock)
        base.runner.listeners.extend((purging.note, confirming.note, watch.note))
        reporting = Reporting(runner=base.runner, decider=base.decider, membership=membership, clock=base.clock)
        telling = TailTelling(region=settings.region, found=sources.lost_tails, decider=base.decider)
        _observe(base.telemetry.meter, watch)
        rpc = NetworkRpc(
            region=settings.region,
            decider=base.decider,
            log=base.log,
            store=base.runner.store,
            membership=membership,
            watch=watch,
        )
        server = base.server(
            servicers=[(add_NetworkServiceServicer_to_server, rpc)],
            service_names=["samverka.network.v1.NetworkService"],
            tasks=[sources.run, reporting.run, telling.run, purging.run, confirming.run, watch.run],
        )
        await server.serve()
    finally:
        await keeper.close()


def _observe(meter: Meter, watch: NetworkWatch) -> None:
    def alarms(options: CallbackOptions) -> list[Observation]:
        standing = [alarm.code for alarm in watch.latest.alarms]
        return [Observation(standing.count(code), {"code": code}) for code in CODES]

    meter.create_observable_gauge("samverka_network_alarms", [alarms], description="Alarms that stand now, by code")
    gauges: tuple[tuple[str, str, Callable[[Peer], int]], ...] = (
        ("connected", "Whether the link to the peer is up", lambda peer: peer.state == LINK_STATE_CONNECTED),
        ("behind_events", "Events of the peer that are still to come", lambda peer: peer.events_behind),
        ("refused_events", "Events of the peer that were refused", lambda peer: peer.refused_events),
    )
    for name, text, read in gauges:
        meter.create_observable_gauge(f"samverka_network_{name}", [_observing(watch, read)], description=text)


def _observing(watch: NetworkWatch, read: Callable[[Peer], int]) -> Callable[[CallbackOptions], Sequence[Observation]]:
    return lambda options: [Observation(int(read(peer)), {"peer": peer.region}) for peer in watch.latest.peers]
