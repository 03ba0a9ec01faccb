"""One region: its log, its clock, and the replicas of its services."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from pathlib import Path
from random import Random

from samverka.network.v1.network_events_pb2 import ErasureOrdered
from services.chassis.clock import hybrid
from services.chassis.envelope import seal
from services.chassis.eventlog.memory import MemoryLog
from services.chassis.eventlog.port import Entry
from services.chassis.eventlog.subjects import Subject
from services.chassis.ids import derive, region_actor
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
        tasks: asyncio.TaskGroup,
        folder: Path,
        chance: Random,
    ) -> None:
        """Start as many replicas of each service as are asked for."""
        for name, (service, count) in services.items():
            for number in range(count):
                replica = Replica(
                    service=service,
                    region=self.name,
                    log=self.log,
                    clock=self.clock,
                    folder=folder / f"{self.name}-{name}-{number}",
                    chance=chance,
                )
                await replica.start(tasks)
                self.replicas.append(replica)
                self._by_service.setdefault(name, []).append(replica)

    def of(self, service: str) -> list[Replica]:
        """Return the replicas of a service."""
        return self._by_service[service]

    async def order_erasure(self, person_id: str) -> None:
        """Write the region's order to erase a person at home here."""
        event_id = derive(self.name, "erasure", person_id)
        data = seal(
            ErasureOrdered(erasure_id=event_id, person_id=person_id),
            event_id=event_id,
            origin=self.name,
            actor=region_actor(self.name),
            occurred_at=hybrid(self.clock.wall_ms()),
        )
        await self.log.append(event_id, str(Subject(self.name, "pub", "network", self.name)), data)

    async def entries(self) -> list[Entry]:
        """Return the whole log."""
        entries: list[Entry] = []
        last = await self.log.last_sequence()
        async with aclosing(self.log.follow(after=0)) as batches:
            while len(entries) < last:
                entries += await anext(batches)
        return entries
