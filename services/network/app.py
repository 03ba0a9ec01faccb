"""The network service, put together: the only place where its parts are made."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from opentelemetry.metrics import Meter

from samverka.network.v1.network_service_pb2_grpc import add_NetworkServiceServicer_to_server
from samverka.network.v1.network_views_pb2 import LINK_STATE_CONNECTED, Peer
from services.chassis.eventlog.keeping import open_keeper
from services.chassis.foundation import Foundation, open_foundation
from services.chassis.instruments import watch_each
from services.chassis.telemetry import Telemetry
from services.network.domain.alarms import CODES
from services.network.membership import Membership
from services.network.policies.compare_tails import TailComparing
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
        comparing = TailComparing(runner=base.runner, log=base.log, decider=base.decider)
        _measure(base.telemetry.meter, watch)
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
            tasks=[
                sources.run,
                reporting.run,
                telling.run,
                comparing.run,
                purging.run,
                confirming.run,
                watch.run,
            ],
        )
        await server.serve()
    finally:
        await keeper.close()


def _measure(meter: Meter, watch: NetworkWatch) -> None:
    """Show the alarms, and the link to each peer as it was last looked at."""

    def alarms() -> dict[str, float]:
        standing = [alarm.code for alarm in watch.latest.alarms]
        return {code: standing.count(code) for code in CODES}

    def each_peer(name: str, text: str, read: Callable[[Peer], float]) -> None:
        name = f"samverka.network.{name}"
        watch_each(meter, name, text, lambda: {peer.region: read(peer) for peer in watch.latest.peers}, label="peer")

    watch_each(meter, "samverka.network.alarms", "Alarms that stand now, by code", alarms, label="code")
    each_peer("connected", "Whether the link to the peer is up", lambda peer: int(peer.state == LINK_STATE_CONNECTED))
    each_peer("behind.events", "Events of the peer that are still to come", lambda peer: peer.events_behind)
    each_peer("refused.events", "Events of the peer that were refused", lambda peer: peer.refused_events)
    each_peer(
        "last_contact.timestamp.seconds",
        "When the peer was last heard, in seconds since 1970; 0: never",
        lambda peer: peer.last_contact_at_ms / 1000,
    )
