"""What a forgery is, and what it takes to make one."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from random import Random
from typing import Final

from google.protobuf.message import Message

from samverka.event.v1.event_pb2 import Event
from samverka.feed.v1.feed_events_pb2 import PostPublished
from services.chassis.clock import COUNTER_BITS
from services.chassis.envelope import open_event
from services.chassis.ids import derive, region_of
from simulation.reference import Reference
from simulation.regions import Region

EVERYBODY: Final = frozenset({"everybody"})
NOBODY: Final[frozenset[str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Forgery:
    """Bytes under a subject, and the services that must refuse them, everywhere but in a region that may say it."""

    kind: str
    subject: str
    data: bytes
    refused_by: Collection[str] = EVERYBODY
    allowed_in: str = ""

    @property
    def owner(self) -> str:
        return self.subject.rpartition(".")[2]

    @property
    def actor(self) -> str:
        """Return in whose name it is; empty where it is no event."""
        event = open_event(self.data)
        return event.actor if event else ""

    def is_refused_by(self, service: str, region: str) -> bool:
        return region != self.allowed_in and (self.refused_by is EVERYBODY or service in self.refused_by)


@dataclass(frozen=True, slots=True)
class Workshop:
    """Makes one forgery in a region."""

    region: Region
    reference: Reference
    chance: Random
    number: int

    def sealed(self, payload: Message, *, actor: str, origin: str = "", occurred_at_ms: int = -1) -> bytes:
        """Return an event as its writer wants it to look."""
        at_ms = self.region.clock.wall_ms() if occurred_at_ms < 0 else occurred_at_ms
        event = Event(
            id=self.event_id(origin=origin),
            origin=origin or self.region.name,
            actor=actor,
            occurred_at=at_ms << COUNTER_BITS,
            schema_version=1,
        )
        event.payload.Pack(payload)
        return event.SerializeToString()

    def event_id(self, *, origin: str = "") -> str:
        """Return the id of the one event that is forged here."""
        return f"{origin or self.region.name}_forged-{self.number}"

    def subject(self, owner: str, *, origin: str = "", service: str = "feed", reach: str = "pub") -> str:
        return f"ev.{origin or self.region.name}.{reach}.{service}.{owner}"

    def new_id(self, *, region: str = "") -> str:
        return derive(region or self.region.name, "forged", str(self.number))

    def post(self, *, region: str = "") -> PostPublished:
        return PostPublished(post_id=self.new_id(region=region), body=f"forged {self.number}")

    def post_of(self, author: str) -> str:
        """Return a post of somebody's, or one that they never wrote."""
        return self._one_of([post.id for post in self.reference.posts.values() if post.author == author], author)

    def comment_of(self, author: str) -> str:
        comments = [comment.id for comment in self.reference.comments.values() if comment.author == author]
        return self._one_of(comments, author)

    def group_of(self, person: str) -> str:
        """Return a public group at home with somebody, or one that there never was."""
        groups = [group for group in self.reference.groups.by_id.values() if not group.local]
        return self._one_of([g.id for g in groups if region_of(g.id) == region_of(person)], person)

    def _one_of(self, ids: list[str], person: str) -> str:
        return self.chance.choice(ids) if ids else derive(region_of(person), "never written")


Forge = Callable[[Workshop, str, str], Forgery]
"""Makes a forgery with somebody at home there, and about somebody who is not."""
