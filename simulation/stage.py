"""A stage: people who do what a scene tells them, one after the other, where chance would hardly ever lead there.

The network is the same as ever, and as slow and shaky; but nothing befalls it that is not in the scene.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Protocol

from simulation.doings import Doing
from simulation.forging import Forge, Liar
from simulation.lines import Line
from simulation.people import Member
from simulation.reference import Reference
from simulation.regions import Region
from simulation.scenario import RegionPlan, Scenario
from simulation.trace import Violation

_ATTEMPTS_MAX = 100
_PAUSE_SECONDS_MAX = 1.0
_LOOK_SECONDS = 0.1
_LOOKS_MAX = 6_000


class Place(Protocol):
    """Where a scene is played."""

    regions: dict[str, Region]
    lines: dict[tuple[str, str], Line]

    async def order_erasure(self, person: Member) -> None: ...


@dataclass(frozen=True, slots=True)
class Scene:
    """What happens, told to a stage; one person lives in each of the ``regions``."""

    play: Callable[[Stage], Awaitable[None]]
    regions: tuple[str, ...]
    liar: str = ""

    @property
    def scenario(self) -> Scenario:
        """Return the network that it is played in: nothing is wrong there of itself."""
        plans = [
            RegionPlan(name, 0, handles=("anna",), replicas=1, joins_late=False, lies=name == self.liar, erases=False)
            for name in self.regions
        ]
        return Scenario(regions=tuple(plans), commands_each=0, weights=(), faults=0, lies=0)


class Stage:
    """``people`` are signed in, one for each region; ``liars`` are the regions that can lie."""

    def __init__(
        self,
        place: Place,
        *,
        people: Mapping[str, Member],
        liars: Mapping[str, Liar],
        reference: Reference,
        chance: Random,
    ) -> None:
        self.people = people
        self.reference = reference
        self._place = place
        self._liars = liars
        self._chance = chance

    async def until(self, done: Callable[[], object], region: str, do: Doing) -> None:
        """Let who lives in a region do a thing, again and again until it has come about: they may have to wait for news."""
        for _ in range(_ATTEMPTS_MAX):
            if done():
                return
            await self.people[region].attempt(do)
            await asyncio.sleep(self._chance.random() * _PAUSE_SECONDS_MAX)
        raise Violation(f"in {_ATTEMPTS_MAX} attempts {self.people[region].id} did not do what the scene wants")

    async def lie(self, region: str, forge: Forge) -> None:
        await self._liars[region].lie(forge)

    async def erase(self, region: str) -> None:
        """Order the erasure of who lives in a region."""
        await self._place.order_erasure(self.people[region])

    def cut(self, origin: str, receiver: str) -> None:
        self._place.lines[origin, receiver].cut()

    def heal(self, origin: str, receiver: str) -> None:
        self._place.lines[origin, receiver].heal()

    async def arrives(self, origin: str, receiver: str) -> None:
        """Wait until what now stands in one region's log has come to another, and is applied there."""
        line, sent = self._place.lines[origin, receiver], await self._place.regions[origin].log.last_sequence()
        there = self._place.regions[receiver]
        await _look_until(lambda: line.delivered >= sent)
        got = await there.log.last_sequence()
        await _look_until(lambda: all(replica.runner.position.sequence >= got for replica in there.replicas))


async def _look_until(there: Callable[[], bool]) -> None:
    for _ in range(_LOOKS_MAX):
        if there():
            return
        await asyncio.sleep(_LOOK_SECONDS)
    raise Violation(f"something has not arrived in {_LOOKS_MAX * _LOOK_SECONDS:.0f} s")
