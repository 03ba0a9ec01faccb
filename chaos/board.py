"""What the people of the load know of each other: posts and people that somebody may answer, bounded."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from random import Random

KNOWN_MAX = 300
"""Recent posts that may still be answered; older ones rest."""


@dataclass(frozen=True, slots=True)
class Known:
    """A post that can be answered by whoever sees it: everybody, or its region alone."""

    post: str
    region: str
    local: bool


@dataclass(slots=True)
class Board:
    """Recent posts and all people of all regions."""

    posts: deque[Known] = field(default_factory=lambda: deque(maxlen=KNOWN_MAX))
    people: list[str] = field(default_factory=list)

    def some_post(self, region: str, chance: Random) -> str | None:
        """Return a post that somebody of ``region`` may see once it has arrived."""
        seen = [known.post for known in self.posts if known.region == region or not known.local]
        return chance.choice(seen) if seen else None

    def forget(self, post: str) -> None:
        """Have nobody answer a post any more: its author deletes it."""
        for known in [known for known in self.posts if known.post == post]:
            self.posts.remove(known)
