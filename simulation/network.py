"""A simulated network, from a seed to the verdict."""

from __future__ import annotations

import asyncio
import tempfile
import traceback
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from random import Random

from services.chassis.eventlog.port import Position
from simulation.checking import check
from simulation.clocks import SkewedClock
from simulation.forging import Liar
from simulation.lines import Line
from simulation.loop import VirtualLoop
from simulation.parts import Parts
from simulation.people import member
from simulation.reference import Reference
from simulation.regions import Region
from simulation.scenario import RegionPlan, Scenario, draw_scenario
from simulation.trace import Trace, Violation
from simulation.weather import Weather

_WORK_SECONDS_MAX = 0.01
_LATE_SECONDS_MAX = 8.0
_LIE_PAUSE_SECONDS_MAX = 1.5
_ERASURE_SECONDS_MAX = 12.0
_LOOK_SECONDS = 0.5
_REST_SECONDS_MAX = 600.0
_MEMORY_DISK = Path("/dev/shm")
"""Files there never meet a disk; without it, the usual place for temporary files."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a seed came to; ``failure`` is empty if everything held."""

    seed: int
    failure: str
    regions: int
    events: int
    applied: int
    steps: int
    trace: tuple[str, ...]
    fingerprint: str


def simulate(seed: int, parts: Parts | None = None, *, trace_steps: int = 60) -> Verdict:
    """Run the network that ``seed`` makes, to its end."""
    chance = Random(seed)
    loop = VirtualLoop(lambda: chance.random() * _WORK_SECONDS_MAX)
    trace = Trace(loop.time)
    with (
        tempfile.TemporaryDirectory(
            prefix="samverka-simulation-", dir=_MEMORY_DISK if _MEMORY_DISK.is_dir() else None
        ) as folder,
        asyncio.Runner(loop_factory=lambda: loop) as runner,
    ):
        network = Network(
            draw_scenario(chance), chance=chance, trace=trace, folder=Path(folder), parts=parts or Parts()
        )
        failure = ""
        try:
            runner.run(network.run())
        except Exception as error:
            failure = _told(error)
        return Verdict(
            seed=seed,
            failure=failure,
            regions=len(network.regions),
            events=network.events,
            applied=network.applied,
            steps=len(trace),
            trace=tuple(trace.last(trace_steps)),
            fingerprint=trace.fingerprint(),
        )


class Network:
    """Regions, the lines between them, and all that goes on there."""

    def __init__(self, scenario: Scenario, *, chance: Random, trace: Trace, folder: Path, parts: Parts) -> None:
        self.regions: dict[str, Region] = {}
        self.lines: dict[tuple[str, str], Line] = {}
        self.tasks = asyncio.TaskGroup()
        self.events = 0
        self.applied = 0
        self._scenario = scenario
        self._chance = chance
        self._trace = trace
        self._folder = folder
        self._parts = parts
        self._reference = Reference()
        self._refused: Counter[str] = Counter()
        self._background: list[asyncio.Task[None]] = []

    async def run(self) -> None:
        """Let it live, let it come to rest, and check it. Raises Violation, or whatever broke."""
        async with self.tasks:
            try:
                await self._live()
                await self._rest()
                liars = [plan.name for plan in self._scenario.regions if plan.lies]
                await check(self.regions, self._reference, liars=liars, refused=self._refused)
            finally:
                await self._close()

    async def _live(self) -> None:
        weather = Weather(self, chance=self._chance, trace=self._trace)
        for plan in self._scenario.regions:
            if not plan.joins_late:
                await self._add(plan)
        async with asyncio.TaskGroup() as lives:
            for plan in self._scenario.regions:
                lives.create_task(self._live_in(plan))
            lives.create_task(weather.rage(self._scenario.faults))

    async def _add(self, plan: RegionPlan) -> None:
        """Add a region, and a line each way to every other."""
        loop = asyncio.get_running_loop()
        region = Region(plan.name, clock=SkewedClock(loop.time, plan.skew_seconds))
        services = {name: (service, plan.replicas) for name, service in self._parts.services.items()}
        await region.open(services, tasks=self.tasks, folder=self._folder, chance=self._chance)
        for peer in list(self.regions.values()):
            self._join(region, peer)
            self._join(peer, region)
        self.regions[plan.name] = region
        self._trace.note(plan.name, f"joins, its clock {plan.skew_seconds:.0f} s wrong")

    def _join(self, origin: Region, receiver: Region) -> None:
        line = self._parts.line(
            origin=origin.name,
            source=origin.log,
            receiver=receiver.log,
            chance=self._chance,
            lies=any(plan.lies for plan in self._scenario.regions if plan.name == origin.name),
        )
        self.lines[origin.name, receiver.name] = line
        self._background.append(self.tasks.create_task(line.run()))

    async def _live_in(self, plan: RegionPlan) -> None:
        if plan.joins_late:
            await asyncio.sleep(self._chance.random() * _LATE_SECONDS_MAX)
            await self._add(plan)
        region = self.regions[plan.name]
        async with asyncio.TaskGroup() as lives:
            for number, handle in enumerate(plan.handles):
                someone = member(
                    f"{handle}-{number}-{plan.name}",
                    handle,
                    region=region,
                    reference=self._reference,
                    trace=self._trace,
                    chance=self._chance,
                )
                lives.create_task(someone.live(self._scenario.commands_each))
            if plan.lies:
                lives.create_task(self._lie_in(region))
            if plan.erases:
                lives.create_task(self._erase_in(region))

    async def _lie_in(self, region: Region) -> None:
        liar = Liar(region, self._reference, self._trace, self._chance, self._refused)
        for _ in range(self._scenario.lies):
            await asyncio.sleep(self._chance.random() * _LIE_PAUSE_SECONDS_MAX)
            await liar.lie()

    async def _erase_in(self, region: Region) -> None:
        """Order the erasure of somebody at home there, whatever they are doing."""
        await asyncio.sleep(self._chance.random() * _ERASURE_SECONDS_MAX)
        people = [person.id for person in self._reference.people.values() if person.region == region.name]
        if people:
            person = self._chance.choice(people)
            self._reference.erased[person] = None
            await region.order_erasure(person)
            self._trace.note(region.name, f"ordered the erasure of {person}")

    async def _rest(self) -> None:
        """Wait until everything has arrived everywhere and is applied."""
        try:
            async with asyncio.timeout(_REST_SECONDS_MAX):
                while True:
                    if await self._is_at_rest():
                        break
                    await asyncio.sleep(_LOOK_SECONDS)
        except TimeoutError:
            raise Violation(f"it does not come to rest within {_REST_SECONDS_MAX:.0f} s") from None
        self._trace.note("all", "at rest")

    async def _is_at_rest(self) -> bool:
        last = {name: await region.log.last_sequence() for name, region in self.regions.items()}
        delivered = all(line.delivered == last[origin] for (origin, _), line in self.lines.items())
        at_end = [
            replica.runner.position == Position(region.log.epoch, last[name])
            for name, region in self.regions.items()
            for replica in region.replicas
        ]
        self.events = sum(last.values())
        self.applied = sum(last[name] * len(region.replicas) for name, region in self.regions.items())
        return delivered and all(at_end)

    async def _close(self) -> None:
        for task in self._background:
            task.cancel()
        for region in self.regions.values():
            for replica in region.replicas:
                if replica.up:
                    await replica.kill()


def _told(error: BaseException) -> str:
    """Return what broke: the first Violation where there is one, else everything."""
    leaves = _leaves(error)
    for leaf in leaves:
        if isinstance(leaf, Violation):
            return str(leaf)
    return "".join(line for leaf in leaves for line in traceback.format_exception(leaf))


def _leaves(error: BaseException) -> list[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        return [leaf for inner in error.exceptions for leaf in _leaves(inner)]
    return [error]
