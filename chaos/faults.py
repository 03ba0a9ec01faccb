"""What is done to the network: which faults there are, and a plan of them that follows from a seed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import combinations
from random import Random

PARTS = ("nats", "profile-1", "feed-1", "recognition-1", "search-1", "network-1", "gateway")
"""The processes of a region, by the names that the network gives them."""


class Fault(StrEnum):
    """What can be done."""

    CUT = "cut"
    HANG = "hang"
    KILL = "kill"
    CUT_OFF = "cut off"
    ADD = "add"
    KILL_SUPERVISOR = "kill supervisor"


@dataclass(frozen=True, slots=True)
class Step:
    """One fault; ``targets`` are two regions of a link, a process, or a region.

    While a link is down some process may be killed too (``also``): that is when code that was only tried in fair weather
    fails. And somebody of the region ``erased`` may be erased then, as they ask for it or ``by_operator``.
    """

    fault: Fault
    targets: tuple[str, ...] = ()
    also: str = ""
    erased: str = ""
    by_operator: bool = False

    def __str__(self) -> str:
        killed = ["and kill", self.also] if self.also else []
        order = "and erase somebody of" if self.by_operator else "and somebody asks to be erased in"
        return " ".join([self.fault, *self.targets, *killed, *([order, self.erased] if self.erased else [])])


def quick_plan(regions: Sequence[str], joining: str, chance: Random) -> list[Step]:
    """Return a few steps, each kind of fault at least once, in an order that follows from ``chance``.

    Somebody of each of two regions is erased.
    """
    links = list(combinations(regions, 2))
    steps = [
        Step(Fault.HANG, chance.choice(links)),
        Step(Fault.CUT, chance.choice(links), also=_process(chance.choice(regions), "nats")),
        *(Step(Fault.KILL, (_process(chance.choice(regions), part),)) for part in PARTS),
    ]
    chance.shuffle(steps)
    steps = _erasing(steps, regions)
    return [*steps, Step(Fault.CUT_OFF, (chance.choice(regions),)), Step(Fault.ADD, (joining,)), _SUPERVISOR]


def full_plan(regions: Sequence[str], joining: str, chance: Random) -> list[Step]:
    """Return every link cut and hung, every process killed, every region cut off with a kill, and the great ones between.

    Somebody of each region is erased.
    """
    steps = [*_all_links(regions, chance), *_all_processes(regions)]
    chance.shuffle(steps)
    steps = _erasing(steps, regions)
    half = len(steps) // 2
    everybody = [*regions, joining]
    again = [*_all_links(everybody, chance), *(Step(Fault.KILL, (_process(joining, part),)) for part in PARTS)]
    chance.shuffle(again)
    cut_off = Step(Fault.CUT_OFF, (chance.choice(regions),))
    return [*steps[:half], Step(Fault.ADD, (joining,)), *steps[half:], _SUPERVISOR, *again[: len(everybody)], cut_off]


_SUPERVISOR = Step(Fault.KILL_SUPERVISOR)


def _erasing(steps: Sequence[Step], regions: Sequence[str]) -> list[Step]:
    """Have somebody of each region erased while a link of it is down, in turns by an operator and as they ask for it."""
    left = list(regions)
    planned = []
    for step in steps:
        leaving = next((region for region in left if region in step.targets), "")
        if leaving:
            left.remove(leaving)
        planned.append(replace(step, erased=leaving, by_operator=bool(leaving) and len(left) % 2 == 0))
    return planned


def _all_links(regions: Sequence[str], chance: Random) -> Iterator[Step]:
    for link in combinations(regions, 2):
        for fault in (Fault.CUT, Fault.HANG):
            also = _process(chance.choice(link), chance.choice(PARTS)) if chance.random() < 0.5 else ""
            yield Step(fault, link, also=also)


def _all_processes(regions: Sequence[str]) -> Iterator[Step]:
    for region in regions:
        for part in PARTS:
            yield Step(Fault.KILL, (_process(region, part),))


def _process(region: str, part: str) -> str:
    return f"{region}/{part}"
