"""Another order in which the same facts could arrive: each origin's stay in theirs."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from random import Random
from typing import TypeVar

from google.protobuf.message import Message

from services.chassis.ids import region_of

Said = TypeVar("Said")


def origin_of_actor(fact: tuple[str, Message]) -> str:
    """Return where a fact in its actor's own register was written."""
    return region_of(fact[0])


def interleaved(
    facts: Sequence[Said],
    chance: Random,
    origin: Callable[[Said], str] = origin_of_actor,  # type: ignore[assignment]  # that of plain pairs
) -> list[Said]:
    """Return ``facts`` in an order that ``chance`` chooses among those that keep the order of every origin."""
    waiting: defaultdict[str, deque[Said]] = defaultdict(deque)
    for fact in facts:
        waiting[origin(fact)].append(fact)
    turns = [origin(fact) for fact in facts]
    chance.shuffle(turns)
    return [waiting[region].popleft() for region in turns]
