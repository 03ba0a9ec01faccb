"""Another order in which the same facts could arrive: each origin's stay in theirs."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence
from random import Random

from google.protobuf.message import Message

from services.chassis.ids import region_of

ActorAndFact = tuple[str, Message]


def interleaved(facts: Sequence[ActorAndFact], chance: Random) -> list[ActorAndFact]:
    """Return ``facts`` in an order that ``chance`` chooses among those that keep the order of every origin."""
    waiting: defaultdict[str, deque[ActorAndFact]] = defaultdict(deque)
    for fact in facts:
        waiting[region_of(fact[0])].append(fact)
    turns = [region_of(actor) for actor, _ in facts]
    chance.shuffle(turns)
    return [waiting[region].popleft() for region in turns]
