"""Faults, carried out on a running network, and undone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from chaos.client import Client, NotAnswered
from chaos.crowd import Crowd
from chaos.faults import Fault, Step
from chaos.report import CatchUp
from chaos.samverka import Network, wait_until
from chaos.streams import LogSilent, count_by_origin

KILL_SECONDS_MAX = 120.0
CATCH_UP_SECONDS_MAX = 600.0
_POST = "query ($id: ID!) { post(id: $id) { id } }"


@dataclass(frozen=True, slots=True)
class Size:
    """How much is written: people in each region, writes of each during a fault, and the backlog of the cut-off region.

    ``leavers`` come to the people of each region that is there from the beginning, and are erased one day.
    """

    people: int
    leavers: int
    writes: int
    flooders: int
    backlog_events: int
    cut_off_seconds_min: float


class Weather:
    """Does one thing after another to the network, and sees each time that everybody still gets on."""

    def __init__(self, network: Network, crowd: Crowd, size: Size) -> None:
        self.catch_ups: list[CatchUp] = []
        self.healed_at_seconds = 0.0
        """When the last heal was asked for, by the loop's clock."""
        self._network = network
        self._crowd = crowd
        self._size = size

    async def carry_out(self, step: Step) -> None:
        """Do it, wait until everybody has written under it, and undo it; TimeoutError if somebody cannot write."""
        match step.fault:
            case Fault.CUT | Fault.HANG:
                await self._break_link(step)
            case Fault.KILL:
                await self.kill(step.targets[0])
                await self._everybody_gets_on()
            case Fault.CUT_OFF:
                await self._cut_off(step.targets[0])
            case Fault.ADD:
                await self._add(step.targets[0])
            case Fault.KILL_SUPERVISOR:
                await self._network.kill()
                await self._network.start()
                await self._everybody_gets_on()

    async def kill(self, process: str) -> None:
        """Kill a process, as soon as it runs."""

        async def killed() -> bool:
            return self._network.kill_process(process)

        await wait_until(killed, seconds=KILL_SECONDS_MAX)

    async def cut(self, link: Sequence[str], *, hang: bool = False) -> None:
        await self._network.command("network", "cut", *link, *(["--hang"] if hang else []))

    async def heal(self, link: Sequence[str]) -> None:
        self.healed_at_seconds = asyncio.get_running_loop().time()
        await self._network.command("network", "heal", *link)

    async def _everybody_gets_on(self) -> None:
        await self._crowd.everybody_gets_on(self._size.writes)

    async def _break_link(self, step: Step) -> None:
        await self.cut(step.targets, hang=step.fault is Fault.HANG)
        if step.also:
            await self.kill(step.also)
        if step.erased:
            await self._erase(step)
        await self._everybody_gets_on()
        await self.heal(step.targets)

    async def _erase(self, step: Step) -> None:
        """Have somebody erased, and kill what carries it out as soon as it is ordered."""
        await self._crowd.erase(step.erased, by_operator=step.by_operator)
        await self.kill(f"{step.erased}/network-1")

    async def _add(self, region: str) -> None:
        await self._network.add(region)
        await self._crowd.settle(region, people=self._size.people)
        await self._crowd.gather(region, self._network.regions[0])
        self._crowd.begin(region)
        await self._everybody_gets_on()

    async def _cut_off(self, region: str) -> None:
        """Cut every link of a region until it has a long backlog, heal them, and measure how the backlog arrives.

        Events are counted for that, and none may go meanwhile because somebody is erased.
        """
        await self._crowd.wait_forgotten()
        clock = asyncio.get_running_loop()
        links = [(region, other) for other in self._network.regions if other != region]
        before = await self._held_of(region, region)
        cut_at = clock.time()
        for link in links:
            await self.cut(link)
        last = await self._crowd.flood(region, people=self._size.flooders, events=self._size.backlog_events)
        await asyncio.sleep(max(0.0, self._size.cut_off_seconds_min - (clock.time() - cut_at)))
        backlog = await self._held_of(region, region) - before
        cut_off_seconds = clock.time() - cut_at
        await asyncio.gather(*(self.heal(link) for link in links))
        took = await asyncio.gather(*(self._wait_arrived(link, before + backlog, last) for link in links))
        logged, shown = zip(*took, strict=True)
        self.catch_ups.append(CatchUp(region, backlog, cut_off_seconds, max(logged), max(shown)))

    async def _wait_arrived(self, link: tuple[str, str], events: int, last: str) -> tuple[float, float]:
        """Wait until the other region holds and shows what the first one wrote; return both times in seconds."""
        region, other = link

        async def logged() -> bool:
            try:
                return await self._held_of(region, other) >= events
            except LogSilent:
                return False

        async def shown() -> bool:
            return await _is_shown(self._crowd.readers[other], last)

        async def wait(arrived: Callable[[], Coroutine[Any, Any, bool]]) -> float:
            await wait_until(arrived, seconds=CATCH_UP_SECONDS_MAX)
            return asyncio.get_running_loop().time() - self.healed_at_seconds

        logged_seconds, shown_seconds = await asyncio.gather(wait(logged), wait(shown))
        return logged_seconds, shown_seconds

    async def _held_of(self, origin: str, region: str) -> int:
        """Return how many entries of ``origin`` the log of ``region`` holds."""
        return (await count_by_origin(self._network.log(region)))[origin]


async def _is_shown(reader: Client, post: str) -> bool:
    try:
        return (await reader.ask(_POST, id=post))["post"] is not None
    except NotAnswered:
        return False
