"""What kind of network a seed makes, before anything happens in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from simulation.doings import draw_weights

NAMES = ("stockholm", "tokyo", "austin", "lima", "cape-town")
HANDLES = ("anna", "bo", "chidi")
"""Few, so that two people of a region may want the same."""
_DAY_SECONDS = 86_400
COMMANDS_MIN = 30
COMMANDS_MAX = 80


@dataclass(frozen=True, slots=True)
class RegionPlan:
    name: str
    skew_seconds: float
    handles: tuple[str, ...]
    replicas: int
    joins_late: bool
    lies: bool
    erases: bool


@dataclass(frozen=True, slots=True)
class Scenario:
    regions: tuple[RegionPlan, ...]
    commands_each: int
    weights: Sequence[float]
    """Of what people do."""
    faults: int
    lies: int


def draw_scenario(chance: Random) -> Scenario:
    """Draw a network of 2 to 5 regions and 30 to 80 commands."""
    count = chance.choice((2, 2, 3, 3, 4, 5))
    late = chance.randrange(count) if chance.random() < 0.4 else -1
    liar = chance.randrange(count) if chance.random() < 0.5 else -1
    regions = tuple(
        RegionPlan(
            name=name,
            skew_seconds=chance.choice((0, 0, chance.uniform(-1, 1), chance.uniform(-5, 5) * _DAY_SECONDS)),
            handles=tuple(chance.choices(HANDLES, k=chance.randint(1, 3))),
            replicas=chance.choice((1, 1, 1, 2)),
            joins_late=number == late,
            lies=number == liar,
            erases=chance.random() < 0.2,
        )
        for number, name in enumerate(NAMES[:count])
    )
    people = sum(len(region.handles) for region in regions)
    commands = min(chance.randint(COMMANDS_MIN, COMMANDS_MAX), chance.randint(COMMANDS_MIN, COMMANDS_MAX))
    return Scenario(
        regions=regions,
        commands_each=max(1, commands // people),
        weights=draw_weights(chance),
        faults=chance.randint(0, 10),
        lies=chance.randint(1, 12) if liar >= 0 else 0,
    )
