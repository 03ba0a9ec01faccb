"""The network as this region sees it: what the links show, what the tables know, and the alarms that follow from both.

Whoever watches is shown it again when it has changed, every second at most. One look serves all watchers.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import Any

from samverka.network.v1.network_events_pb2 import RegionReported
from samverka.network.v1.network_views_pb2 import LinkState, Network
from services.chassis import limits
from services.chassis.clock import Clock
from services.chassis.envelope import Fact
from services.chassis.errors import Exhausted
from services.chassis.projection import ProjectionRunner
from services.network.domain.alarms import Alarm, PeerFacts, alarms, alarms_about_ourselves
from services.network.domain.links import Link
from services.network.policies.keep_sources import SourceKeeping
from services.network.queries.get_network import Tables, read_tables

LOOK_SECONDS = 1.0


class NetworkWatch:
    """What one replica knows of the network, and who watches it."""

    def __init__(self, *, runner: ProjectionRunner, sources: SourceKeeping, clock: Clock) -> None:
        self._runner = runner
        self._sources = sources
        self._clock = clock
        self._since_ms = clock.wall_ms()
        self._ahead_ms: dict[str, int] = {}
        self._watchers = 0
        self._latest = Network()
        self._changed = asyncio.Condition()

    def note(self, facts: Sequence[Fact[Any]]) -> None:
        """Hear what a batch of the projection brought, for the clocks of the peers; a listener of the runner."""
        now_ms = self._clock.wall_ms()
        for fact in facts:
            if isinstance(fact.payload, RegionReported):
                self._ahead_ms[fact.origin] = fact.at_ms - now_ms

    async def run(self) -> None:
        """Look for ever, and tell the watchers what has changed."""
        while True:
            await self._look()
            await asyncio.sleep(LOOK_SECONDS)

    def network(self) -> Network:
        """Return the network as it is now; whoever shows it takes the refusals away from those whom they do not concern."""
        tables = self._tables()
        network = Network(region=self._runner.region)
        for region, link in sorted(self._sources.links.items()):
            self._add_peer(network, region, link, tables)
        for alarm in self._alarms(tables):
            network.alarms.add(code=alarm.code, region=alarm.region, message=alarm.message)
        for kind in tables.refusals:
            network.refusals.add(origin=kind.origin, actor=kind.actor, reason=kind.reason, events=kind.events)
        return network

    @property
    def latest(self) -> Network:
        """The network as it was last looked at: safe to read from any thread."""
        return self._latest

    async def watch(self) -> AsyncGenerator[Network, None]:
        """Yield the network now and whenever it has changed. Raises Exhausted if too many watch already."""
        if self._watchers >= limits.WATCHERS_MAX:
            raise Exhausted("Too many are watching now; try again.", code="too_many_watchers")
        self._watchers += 1
        try:
            await self._look()  # or the next to be shown could be what was seen before this
            shown = self._latest
            yield shown
            while True:
                async with self._changed:
                    while _essence(self._latest) == _essence(shown):
                        await self._changed.wait()
                    shown = self._latest
                yield shown
        finally:
            self._watchers -= 1

    async def _look(self) -> None:
        async with self._changed:
            latest = self.network()
            if _essence(latest) != _essence(self._latest):
                self._latest = latest
                self._changed.notify_all()

    def _tables(self) -> Tables:
        region = self._runner.region
        return self._runner.store.read_now(lambda db: read_tables(db, region=region))

    def _add_peer(self, network: Network, region: str, link: Link, tables: Tables) -> None:
        peer = network.peers.add(
            region=region,
            state=_state(link),
            last_contact_at_ms=link.last_contact_ms,
            held_sequence=self._runner.origins.get(region, 0),
            refused_events=tables.refused_of(region),
        )
        if link.connected:
            peer.events_behind = link.behind
        report = tables.reports.get(region)
        if report is not None:
            peer.holds_of_ours, peer.reported_at_ms = report.holds_of_ours, report.at_ms

    def _alarms(self, tables: Tables) -> list[Alarm]:
        now_ms = self._clock.wall_ms()
        facts = [
            PeerFacts(
                region=region,
                link=link,
                watched_since_ms=self._since_ms,
                lost_tail=region in tables.lost_tails or region in self._sources.lost_tails,
                ahead_ms=self._ahead_of(region, tables, now_ms),
                refused_at_ms=tables.refused_at_ms(region),
            )
            for region, link in sorted(self._sources.links.items())
        ]
        ourselves = alarms_about_ourselves(self._runner.region, missed_by=tables.missed_by)
        return [*ourselves, *alarms(facts, now_ms=now_ms)]

    def _ahead_of(self, region: str, tables: Tables, now_ms: int) -> int:
        """Return how far the peer's clock was ahead when its report came; after a restart, how far the report still is."""
        report = tables.reports.get(region)
        return max(self._ahead_ms.get(region, 0), report.at_ms - now_ms if report else 0)


def _state(link: Link) -> LinkState.ValueType:
    if link.connected:
        return LinkState.LINK_STATE_CONNECTED
    return LinkState.LINK_STATE_SILENT if link.last_contact_ms else LinkState.LINK_STATE_NEVER


def _essence(network: Network) -> bytes:
    """Return what a watcher is woken for: not that a good link was heard again, nor how long an alarm stands."""
    shown = Network()
    shown.CopyFrom(network)
    for peer in shown.peers:
        if peer.state == LinkState.LINK_STATE_CONNECTED:
            peer.last_contact_at_ms = 0
    for alarm in shown.alarms:
        alarm.message = ""
    return shown.SerializeToString(deterministic=True)
