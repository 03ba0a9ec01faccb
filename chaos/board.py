"""What the people of the load know of each other: people, groups, circles, and posts that somebody may answer, bounded."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random

KNOWN_MAX = 300
"""Recent posts that may still be answered; older ones rest."""
BADGES_MAX = 10
"""Recent badges that are still awarded."""


@dataclass(frozen=True, slots=True)
class Known:
    """A post that whoever sees it can answer: everybody, or its region alone; ``group`` is empty outside of groups.

    One that is ``private`` is its group's members' alone.
    """

    post: str
    region: str
    author: str
    local: bool = False
    group: str = ""
    question: bool = False
    private: bool = False

    @property
    def among(self) -> str:
        """The group among whose members alone it may be read; empty if others may."""
        return self.group if self.private else ""


@dataclass(frozen=True, slots=True)
class KnownAnswer:
    """An answer that can be accepted, and found helpful."""

    answer: str
    question: Known
    author: str


@dataclass(frozen=True, slots=True)
class KnownGroup:
    """A group that everybody can join, or its region alone."""

    group: str
    region: str
    local: bool


@dataclass(slots=True)
class Circle:
    """A private group: who has asked to be let in, who was, and who left or was sent away, by all that was acknowledged.

    Whoever is in none of these, nor just being acted on, may ask.
    """

    group: str
    owner: str
    moderator: str
    inside: set[str]
    asking: set[str] = field(default_factory=set)
    away: set[str] = field(default_factory=set)
    posts: deque[Known] = field(default_factory=lambda: deque(maxlen=KNOWN_MAX))
    comments: deque[str] = field(default_factory=lambda: deque(maxlen=KNOWN_MAX))
    _busy: set[str] = field(default_factory=set)

    @property
    def others(self) -> list[str]:
        """Who is inside and may be sent away, or leave."""
        return sorted(self.inside - {self.owner, self.moderator})

    def knows(self, person: str) -> bool:
        """Whether somebody has asked before, or is just being acted on."""
        return person in self.inside | self.asking | self.away | self._busy

    @contextmanager
    def busy(self, person: str) -> Iterator[None]:
        """Let nobody else act on somebody meanwhile."""
        self._busy.add(person)
        yield
        self._busy.discard(person)


@dataclass(slots=True)
class Board:
    """Recent posts, answers and badges, all people, groups and circles of all regions.

    ``leavers`` are those of the people who are erased one day.
    """

    posts: deque[Known] = field(default_factory=lambda: deque(maxlen=KNOWN_MAX))
    answers: deque[KnownAnswer] = field(default_factory=lambda: deque(maxlen=KNOWN_MAX))
    people: list[str] = field(default_factory=list)
    leavers: set[str] = field(default_factory=set)
    groups: list[KnownGroup] = field(default_factory=list)
    circles: list[Circle] = field(default_factory=list)
    badges: deque[str] = field(default_factory=lambda: deque(maxlen=BADGES_MAX))

    def mark_of(self, region: str) -> str:
        """Return what every text holds that is local to a region, and no other text."""
        return f"for-{region}-alone"

    def groups_for(self, region: str) -> list[KnownGroup]:
        """Return the groups that somebody of ``region`` may join once they have arrived."""
        return [known for known in self.groups if known.region == region or not known.local]

    def circles_of(self, moderator: str) -> list[Circle]:
        """Return the circles that somebody moderates."""
        return [circle for circle in self.circles if circle.moderator == moderator]

    def posts_for(self, region: str) -> list[Known]:
        """Return the posts that somebody of ``region`` may see once they have arrived."""
        return [known for known in self.posts if known.region == region or not known.local]

    def answers_for(self, region: str) -> list[KnownAnswer]:
        """Return the answers that somebody of ``region`` may see once they have arrived."""
        return [known for known in self.answers if known.question.region == region or not known.question.local]

    def some_post(self, region: str, chance: Random, *, question: bool = False) -> Known | None:
        """Return a post, or a question, that somebody of ``region`` may see once it has arrived."""
        seen = [known for known in self.posts_for(region) if known.question or not question]
        return chance.choice(seen) if seen else None

    def some_post_in(self, groups: Collection[str], chance: Random) -> Known | None:
        """Return a post that stands in one of these groups."""
        seen = [known for known in self.posts if known.group in groups]
        return chance.choice(seen) if seen else None

    def forget(self, known: Known) -> None:
        """Have nobody answer a post any more: its author deletes it."""
        places = (self.posts, *(circle.posts for circle in self.circles if circle.group == known.group))
        for posts in places:
            if known in posts:
                posts.remove(known)
