"""What befalls the network: lines are cut, regions cut off, replicas killed, clocks set."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from random import Random
from typing import Any, Protocol

from simulation.lines import Line
from simulation.regions import Region
from simulation.replicas import Replica
from simulation.trace import Trace

_PAUSE_SECONDS_MAX = 1.5
_CUT_SECONDS_MAX = 8.0
_DOWN_SECONDS_MAX = 2.0
_STEP_SECONDS_MAX = 2 * 86_400


class Place(Protocol):
    """Where weather happens."""

    regions: dict[str, Region]
    lines: dict[tuple[str, str], Line]
    tasks: asyncio.TaskGroup


class Weather:
    """Strikes as often as it is told, and takes everything back in the end."""

    def __init__(self, place: Place, *, chance: Random, trace: Trace) -> None:
        self._place = place
        self._chance = chance
        self._trace = trace

    async def rage(self, faults: int) -> None:
        """Let ``faults`` things happen; returns when all of them are over."""
        async with asyncio.TaskGroup() as faults_under_way:
            for _ in range(faults):
                await asyncio.sleep(self._chance.random() * _PAUSE_SECONDS_MAX)
                kinds: list[tuple[Callable[[], Coroutine[Any, Any, None]], int]] = [
                    (self._cut_a_line, 4),
                    (self._cut_a_region_off, 2),
                    (self._kill_a_replica, 5),
                    (self._keep_a_copy, 2),
                    (self._set_a_clock, 1),
                ]
                (strike,) = self._chance.choices([kind for kind, _ in kinds], [weight for _, weight in kinds])
                faults_under_way.create_task(strike())

    async def _cut_a_line(self) -> None:
        """Cut one way or both."""
        if not self._place.lines:
            return
        origin, receiver = self._chance.choice(list(self._place.lines))
        ways = [(origin, receiver)] + ([(receiver, origin)] if self._chance.random() < 0.7 else [])
        await self._cut([way for way in ways if way in self._place.lines], " and ".join(f"{a} → {b}" for a, b in ways))

    async def _cut_a_region_off(self) -> None:
        name = self._region().name
        await self._cut([way for way in self._place.lines if name in way], f"everything to and from {name}")

    async def _cut(self, ways: list[tuple[str, str]], what: str) -> None:
        lines = [self._place.lines[way] for way in ways]
        self._trace.note("line", f"cut: {what}")
        for line in lines:
            line.cut()
        await asyncio.sleep(self._chance.random() * _CUT_SECONDS_MAX)
        for line in lines:
            line.heal()
        self._trace.note("line", f"healed: {what}")

    async def _kill_a_replica(self) -> None:
        """Kill it, and start it from where it was, from an older copy of its file, or from nothing."""
        region = self._region()
        replica = self._chance.choice(region.replicas)
        if not replica.up:
            return
        come_back: Callable[[], None]
        how, come_back = self._chance.choice(
            [("as it was", _leave), ("as it once was", replica.file.go_back), ("with nothing", replica.file.empty)]
        )
        name = f"a replica of {replica.projection.service}"
        self._trace.note(region.name, f"{name} is killed at {replica.runner.position.sequence}")
        await replica.kill()
        come_back()
        await asyncio.sleep(self._chance.random() ** 2 * _DOWN_SECONDS_MAX)
        await replica.start(self._place.tasks)
        self._trace.note(region.name, f"{name} comes back {how}, at {replica.runner.position.sequence}")

    async def _keep_a_copy(self) -> None:
        replica: Replica = self._chance.choice(self._region().replicas)
        if replica.up:
            replica.file.copy()

    async def _set_a_clock(self) -> None:
        region = self._region()
        seconds = self._chance.uniform(-1, 1) * _STEP_SECONDS_MAX
        region.clock.step(seconds)
        self._trace.note(region.name, f"the clock is set by {seconds:.0f} s")

    def _region(self) -> Region:
        return self._chance.choice(list(self._place.regions.values()))


def _leave() -> None:
    """Leave the file as the killed process left it."""
