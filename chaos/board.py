"""What the people of the load know of each other: people, groups, and posts that somebody may answer, bounded."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, field
from random import Random

KNOWN_MAX = 300
"""Recent posts that may still be answered; older ones rest."""
BADGES_MAX = 10
"""Recent badges that are still awarded."""


@dataclass(frozen=True, slots=True)
class Known:
    """A post that whoever sees it can answer: everybody, or its region alone; ``group`` is empty outside of groups."""

    post: str
    region: str
    local: bool = False
    group: str = ""


@dataclass(frozen=True, slots=True)
class KnownGroup:
    """A group that everybody can join, or its region alone."""

    group: str
    region: str
    local: bool


@dataclass(slots=True)
class Board:
    """Recent posts and badges, all people and all groups of all regions."""

    posts: deque[Known] = field(default_factory=lambda: deque(maxlen=KNOWN_MAX))
    people: list[str] = field(default_factory=list)
    groups: list[KnownGroup] = field(default_factory=list)
    badges: deque[str] = field(default_factory=lambda: deque(maxlen=BADGES_MAX))

    def mark_of(self, region: str) -> str:
        """Return what every text holds that is local to a region, and no other text."""
        return f"for-{region}-alone"

    def groups_for(self, region: str) -> list[KnownGroup]:
        """Return the groups that somebody of ``region`` may join once they have arrived."""
        return [known for known in self.groups if known.region == region or not known.local]

    def some_post(self, region: str, chance: Random) -> Known | None:
        """Return a post that somebody of ``region`` may see once it has arrived."""
        seen = [known for known in self.posts if known.region == region or not known.local]
        return chance.choice(seen) if seen else None

    def some_post_in(self, groups: Collection[str], chance: Random) -> Known | None:
        """Return a post that stands in one of these groups."""
        seen = [known for known in self.posts if known.group in groups]
        return chance.choice(seen) if seen else None

    def forget(self, known: Known) -> None:
        """Have nobody answer a post any more: its author deletes it."""
        if known in self.posts:
            self.posts.remove(known)
