"""One region: its log, its clock, and the replicas of its services."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection
from contextlib import aclosing
from pathlib import Path
from random import Random

from samverka.network.v1.network_events_pb2 import ErasureOrdered
from services.chassis.envelope import open_event
from services.chassis.eventlog.memory import MemoryLog
from services.chassis.eventlog.port import Entry
from services.network.membership import Membership
from simulation.clocks import SkewedClock
from simulation.parts import Service
from simulation.replicas import Replica


class Region:
    """Made empty; ``open`` starts its replicas."""

    def __init__(self, name: str, *, clock: SkewedClock) -> None:
        self.name = name
        self.clock = clock
        self.log = MemoryLog(f"{name}-1")
        self.replicas: list[Replica] = []
        self._by_service: dict[str, list[Replica]] = {}

    async def open(
        self,
        services: dict[str, tuple[Service, int]],
        *,
        peers: list[str],
        tasks: asyncio.TaskGroup,
        folder: Path,
        chance: Random,
    ) -> None:
        """Start as many replicas of each service as are asked for."""
        membership = self._membership(peers, folder)
        for name, (service, count) in services.items():
            for number in range(count):
                replica = Replica(
                    service=service,
                    region=self.name,
                    log=self.log,
                    clock=self.clock,
                    membership=membership,
                    folder=folder / f"{self.name}-{name}-{number}",
                    chance=chance,
                )
                await replica.start(tasks)
                self.replicas.append(replica)
                self._by_service.setdefault(name, []).append(replica)

    def _membership(self, peers: list[str], folder: Path) -> Membership:
        """Return who is in the network by this region's file; who joins late stands in it from the beginning."""
        file = folder / f"{self.name}.json"
        file.write_text(json.dumps({"region": self.name, "peers": peers}))
        membership = Membership(file, region=self.name)
        membership.look()
        return membership

    @property
    def services(self) -> Collection[str]:
        return self._by_service.keys()

    def of(self, service: str) -> list[Replica]:
        """Return the replicas of a service."""
        return self._by_service[service]

    def orders(self, entry: Entry, person_id: str) -> bool:
        """Whether the entry is this region's order to erase the person; one that came from a peer is forged."""
        if (
            entry.source is not None
            or entry.subject != f"ev.{self.name}.pub.network.{self.name}"
            or person_id.encode() not in entry.data
        ):
            return False
        event, order = open_event(entry.data), ErasureOrdered()
        return event is not None and event.payload.Unpack(order) and order.person_id == person_id

    async def entries(self) -> list[Entry]:
        """Return the whole log."""
        entries: list[Entry] = []
        last = await self.log.last_sequence()
        async with aclosing(self.log.follow(after=0)) as batches:
            while last and (not entries or entries[-1].sequence < last):
                entries += await anext(batches)
        return entries
