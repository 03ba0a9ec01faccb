"""A simulated network, from a seed to the verdict."""

from __future__ import annotations

import asyncio
import tempfile
import traceback
from dataclasses import dataclass
from pathlib import Path
from random import Random

from samverka.network.v1 import network_service_pb2 as pb
from simulation.calling import Client, caller_of
from simulation.checking import check
from simulation.clocks import SkewedClock
from simulation.files import files_in_memory
from simulation.forging import Forgery, Liar
from simulation.lines import Line
from simulation.loop import VirtualLoop
from simulation.parts import Parts
from simulation.people import Member, member
from simulation.reference import Reference
from simulation.regions import Region
from simulation.scenario import RegionPlan, Scenario, draw_scenario
from simulation.stage import Scene, Stage
from simulation.trace import Trace, Violation
from simulation.weather import Weather

_WORK_SECONDS_MAX = 0.01
_LATE_SECONDS_MAX = 8.0
_LIE_PAUSE_SECONDS_MAX = 1.5
_ERASURE_SECONDS_MAX = 12.0
_WAIT_FOR_A_COMMAND_SECONDS = 0.02
_WAITS_MAX = 200
_LOOK_SECONDS = 0.5
_QUIET_SECONDS = 6.0
"""Longer than the services wait before they look again whether there is something to do."""
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


def simulate(seed: int, parts: Parts | None = None, *, scene: Scene | None = None, trace_steps: int = 60) -> Verdict:
    """Run the network that ``seed`` makes, or in which a scene is played, to its end."""
    chance = Random(seed)
    loop = VirtualLoop(lambda: chance.random() * _WORK_SECONDS_MAX)
    trace = Trace(loop.time)
    with (
        tempfile.TemporaryDirectory(
            prefix="samverka-simulation-", dir=_MEMORY_DISK if _MEMORY_DISK.is_dir() else None
        ) as folder,
        files_in_memory(),
        asyncio.Runner(loop_factory=lambda: loop) as runner,
    ):
        network = Network(
            scene.scenario if scene else draw_scenario(chance),
            chance=chance,
            trace=trace,
            folder=Path(folder),
            parts=parts or Parts(),
            scene=scene,
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

    def __init__(
        self,
        scenario: Scenario,
        *,
        chance: Random,
        trace: Trace,
        folder: Path,
        parts: Parts,
        scene: Scene | None = None,
    ) -> None:
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
        self._scene = scene
        self._reference = Reference()
        self._forged: list[Forgery] = []
        self._background: list[asyncio.Task[None]] = []

    async def run(self) -> None:
        """Let it live, let it come to rest, and check it. Raises Violation, or whatever broke."""
        async with self.tasks:
            try:
                await (self._play(self._scene) if self._scene else self._live())
                await self._rest()
                await self._check()
                if self._reference.erased:
                    await self._begin_at_zero()
                    await self._rest()
                    await self._check()
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

    async def _play(self, scene: Scene) -> None:
        plans = self._scenario.regions
        for plan in plans:
            await self._add(plan)
        people = {plan.name: self._member(plan, 0) for plan in plans}
        for someone in people.values():
            await someone.sign_in()
        liars = {plan.name: self._liar(self.regions[plan.name]) for plan in plans if plan.lies}
        await scene.play(Stage(self, people=people, liars=liars, reference=self._reference, chance=self._chance))

    async def _add(self, plan: RegionPlan) -> None:
        """Add a region, and a line each way to every other."""
        loop = asyncio.get_running_loop()
        region = Region(plan.name, clock=SkewedClock(loop.time, plan.skew_seconds))
        services = {name: (service, plan.replicas) for name, service in self._parts.services.items()}
        peers = [other.name for other in self._scenario.regions if other.name != plan.name]
        await region.open(services, peers=peers, tasks=self.tasks, folder=self._folder, chance=self._chance)
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
        members = [self._member(plan, number) for number in range(len(plan.handles))]
        async with asyncio.TaskGroup() as lives:
            for someone in members:
                lives.create_task(someone.live(self._scenario.commands_each, self._scenario.weights))
            if plan.lies:
                lives.create_task(self._lie_in(region))
            if plan.erases:
                lives.create_task(self._erase(self._chance.choice(members)))

    def _member(self, plan: RegionPlan, number: int) -> Member:
        return member(
            f"{plan.handles[number]}-{number}-{plan.name}",
            plan.handles[number],
            role="member" if number else "community_manager",
            region=self.regions[plan.name],
            reference=self._reference,
            trace=self._trace,
            chance=self._chance,
        )

    def _liar(self, region: Region) -> Liar:
        return Liar(region, self._reference, self._trace, self._chance, self._forged)

    async def _lie_in(self, region: Region) -> None:
        liar = self._liar(region)
        for _ in range(self._scenario.lies):
            await asyncio.sleep(self._chance.random() * _LIE_PAUSE_SECONDS_MAX)
            await liar.lie()

    async def _erase(self, person: Member) -> None:
        """Order somebody's erasure while they are doing something, if they ever are."""
        await asyncio.sleep(self._chance.random() * _ERASURE_SECONDS_MAX)
        for _ in range(_WAITS_MAX):
            if person.under_way and person.id in self._reference.people:
                break
            await asyncio.sleep(_WAIT_FOR_A_COMMAND_SECONDS)
        if person.id in self._reference.people:
            await self.order_erasure(person)

    async def order_erasure(self, person: Member) -> None:
        """Order the erasure of somebody where they live."""
        region = person.region
        self._reference.erased[person.id] = None
        admin = caller_of(region.name, "admin", handle="admin", role="admin")
        client = Client(region, admin, self._reference, self._trace, self._chance)
        await client.must("network", "OrderErasure", pb.OrderErasureRequest(person_id=person.id))
        self._trace.note(region.name, f"ordered the erasure of {person.id}")

    async def _rest(self) -> None:
        """Wait until everything has arrived everywhere and is applied, and nobody writes by themselves any more."""
        try:
            async with asyncio.timeout(_REST_SECONDS_MAX):
                quiet_seconds, before = 0.0, -1
                while quiet_seconds < _QUIET_SECONDS:
                    await asyncio.sleep(_LOOK_SECONDS)
                    is_quiet = await self._is_at_rest() and self.events == before
                    quiet_seconds, before = quiet_seconds + _LOOK_SECONDS if is_quiet else 0.0, self.events
        except TimeoutError:
            raise Violation(f"it does not come to rest within {_REST_SECONDS_MAX:.0f} s") from None
        self._trace.note("all", "at rest")

    async def _is_at_rest(self) -> bool:
        last = {name: await region.log.last_sequence() for name, region in self.regions.items()}
        delivered = all(line.delivered >= last[origin] for (origin, _), line in self.lines.items())
        at_end = [
            replica.runner.position.sequence >= last[name] and not replica.is_pending
            for name, region in self.regions.items()
            for replica in region.replicas
        ]
        self.events = sum(last.values())
        self.applied = sum(last[name] * len(region.replicas) for name, region in self.regions.items())
        return delivered and all(at_end)

    async def _check(self) -> None:
        liars = [plan.name for plan in self._scenario.regions if plan.lies]
        await check(self.regions, self._reference, liars=liars, forged=self._forged)

    async def _begin_at_zero(self) -> None:
        """Let every replica make its file again from what is left in the log."""
        for region in self.regions.values():
            for replica in region.replicas:
                await replica.kill()
                replica.file.empty()
                await replica.start(self.tasks)
        self._trace.note("all", "everybody begins at zero")

    async def _close(self) -> None:
        for task in self._background:
            task.cancel()
        for region in self.regions.values():
            for replica in region.replicas:
                if replica.up:
                    await replica.kill()
                replica.file.close()


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
