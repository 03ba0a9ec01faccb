"""What the people of the load know of each other: people, groups, and posts that somebody may answer, bounded."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from random import Random

KNOWN_MAX = 300
"""Recent posts that may still be answered; older ones rest."""


@dataclass(frozen=True, slots=True)
class Known:
    """A post that whoever sees it can answer: everybody, or its region alone; ``group`` is empty outside of groups."""

    post: str
    region: str
    local: bool = False
    group: str = ""


@dataclass(slots=True)
class Board:
    """Recent posts, all people and all groups of all regions; ``marks`` is what every local text of a region holds."""

    posts: deque[Known] = field(default_factory=lambda: deque(maxlen=KNOWN_MAX))
    people: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    marks: dict[str, str] = field(default_factory=dict)

    def some_post(self, region: str, chance: Random) -> Known | None:
        """Return a post that somebody of ``region`` may see once it has arrived."""
        seen = [known for known in self.posts if known.region == region or not known.local]
        return chance.choice(seen) if seen else None

    def some_post_in(self, group: str, chance: Random) -> Known | None:
        """Return a post that stands in a group."""
        seen = [known for known in self.posts if known.group == group]
        return chance.choice(seen) if seen else None

    def forget(self, known: Known) -> None:
        """Have nobody answer a post any more: its author deletes it."""
        if known in self.posts:
            self.posts.remove(known)
