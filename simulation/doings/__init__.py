"""What people do, one file a topic: each says what it does, how often, and what the reference must hold of it then."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from random import Random
from typing import Final

from simulation.calling import Client
from simulation.doings import admission, groups, moderation, people, posts, questions, recognition

Doing = Callable[[Client], Awaitable[str]]
"""Does one thing and returns what was done; empty if there was nothing to do. Raises Refusal."""

DOINGS: Final[tuple[tuple[Doing, int], ...]] = (
    *people.DOINGS,
    *posts.DOINGS,
    *questions.DOINGS,
    *groups.DOINGS,
    *admission.DOINGS,
    *moderation.DOINGS,
    *recognition.DOINGS,
)
"""Each with its weight: how often it is done among the others."""
_FAVOURS = (0.2, 1.0, 1.0, 3.0)


def draw_weights(chance: Random) -> Sequence[float]:
    """Draw what the people of one network do more or less often than others do.

    Networks that each do some things a lot find more than such that all do everything a little: Groce et al., "Swarm
    Testing" (2012).
    """
    return [weight * chance.choice(_FAVOURS) for _, weight in DOINGS]
