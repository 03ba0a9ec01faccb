"""A region that lies: what its operator could put into its log by hand, and who must refuse it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from random import Random

from google.protobuf.message import Message

from samverka.event.v1.event_pb2 import Event
from samverka.feed.v1.feed_events_pb2 import (
    CommentAdded,
    CommentDeleted,
    PostDeleted,
    PostEdited,
    PostPublished,
    Reacted,
)
from samverka.network.v1.network_events_pb2 import ErasureOrdered
from samverka.profile.v1.profile_events_pb2 import PersonFollowed, PersonRegistered, PersonUnfollowed, ProfileEdited
from services.chassis.clock import COUNTER_BITS
from services.chassis.ids import derive, region_actor, region_of
from services.chassis.limits import EVENT_BYTES_MAX
from simulation import reference
from simulation.reference import Reference
from simulation.regions import Region
from simulation.trace import Trace

_EVERYBODY = ("profile", "feed")
_FAR_FUTURE_MS = 250_000_000_000_000
_YEAR_10000_MS = 260_000_000_000_000


@dataclass(frozen=True, slots=True)
class Forgery:
    """Bytes under a subject, and the services that must refuse them."""

    kind: str
    subject: str
    data: bytes
    refused_by: Collection[str] = _EVERYBODY


@dataclass(slots=True)
class Liar:
    """Writes what no command would into the log of one region."""

    region: Region
    reference: Reference
    trace: Trace
    chance: Random
    sent: Counter[str] = field(default_factory=Counter)
    """How many forgeries each service must have refused."""
    _number: int = 0

    async def lie(self) -> None:
        """Put one forgery into the log, once there is somebody to lie about."""
        people = [person for person in self.reference.people if person not in self.reference.erased]
        mine = [person for person in people if region_of(person) == self.region.name]
        others = [person for person in people if region_of(person) != self.region.name]
        if not mine or not others:
            return
        self._number += 1
        forge = self.chance.choice(_FORGERIES)
        forgery = forge(self, self.chance.choice(mine), self.chance.choice(others))
        await self.region.log.append(f"{self.region.name}_forged-{self._number}", forgery.subject, forgery.data)
        self.sent.update(forgery.refused_by)
        self.trace.note(self.region.name, f"forged {forgery.kind}: {forgery.subject}")

    def sealed(self, payload: Message, *, actor: str, origin: str = "", occurred_at_ms: int = -1) -> bytes:
        """Return an event as its writer wants it to look."""
        at_ms = self.region.clock.wall_ms() if occurred_at_ms < 0 else occurred_at_ms
        event = Event(
            id=f"{origin or self.region.name}_forged-{self._number}",
            origin=origin or self.region.name,
            actor=actor,
            occurred_at=at_ms << COUNTER_BITS,
            schema_version=1,
        )
        event.payload.Pack(payload)
        return event.SerializeToString()

    def subject(self, owner: str, *, origin: str = "", service: str = "feed") -> str:
        return f"ev.{origin or self.region.name}.pub.{service}.{owner}"

    def post(self, *, region: str = "") -> PostPublished:
        post_id = derive(region or self.region.name, "forged", str(self._number))
        return PostPublished(post_id=post_id, body=f"forged {self._number}")

    def post_of(self, author: str) -> str:
        """Return a post of somebody's, or one that they never wrote."""
        posts = [post.id for post in self.reference.posts.values() if post.author == author]
        return self.chance.choice(posts) if posts else derive(region_of(author), "never written")

    def comment_of(self, author: str) -> str:
        comments = [comment.id for comment in self.reference.comments.values() if comment.author == author]
        return self.chance.choice(comments) if comments else derive(region_of(author), "never written")


Forge = Callable[[Liar, str, str], Forgery]
"""Of the liar, somebody at home there, and somebody who is not."""


def _in_anothers_name(liar: Liar, mine: str, theirs: str) -> Forgery:
    origin = region_of(theirs)
    edit = PostEdited(post_id=liar.post_of(theirs), body="forged")
    at_ms = liar.chance.choice((-1, _FAR_FUTURE_MS))
    data = liar.sealed(edit, actor=theirs, origin=origin, occurred_at_ms=at_ms)
    return Forgery("all of another origin", liar.subject(theirs, origin=origin), data)


def _envelope_of_another(liar: Liar, mine: str, theirs: str) -> Forgery:
    data = liar.sealed(PostDeleted(post_id=liar.post_of(theirs)), actor=theirs, origin=region_of(theirs))
    return Forgery("another origin's envelope", liar.subject(mine), data)


def _subject_of_another(liar: Liar, mine: str, theirs: str) -> Forgery:
    data = liar.sealed(Reacted(target_id=liar.post_of(theirs), emoji="👎"), actor=mine)
    return Forgery("another origin's subject", liar.subject(theirs, origin=region_of(theirs)), data)


def _actor_of_another(liar: Liar, mine: str, theirs: str) -> Forgery:
    data = liar.sealed(PostEdited(post_id=liar.post_of(theirs), body="forged"), actor=theirs)
    return Forgery("another region's actor", liar.subject(mine), data)


def _owner_of_another(liar: Liar, mine: str, theirs: str) -> Forgery:
    data = liar.sealed(liar.post(), actor=mine)
    return Forgery("another region's owner", liar.subject(theirs), data)


def _edit_of_anothers_post(liar: Liar, mine: str, theirs: str) -> Forgery:
    edit = PostEdited(post_id=liar.post_of(theirs), body="forged")
    return Forgery("an edit of another's post", liar.subject(mine), liar.sealed(edit, actor=mine), ("feed",))


def _deletion_of_anothers_post(liar: Liar, mine: str, theirs: str) -> Forgery:
    deletion = PostDeleted(post_id=liar.post_of(theirs))
    return Forgery("a deletion of another's post", liar.subject(mine), liar.sealed(deletion, actor=mine), ("feed",))


def _deletion_of_anothers_comment(liar: Liar, mine: str, theirs: str) -> Forgery:
    deletion = CommentDeleted(comment_id=liar.comment_of(theirs))
    return Forgery("a deletion of another's comment", liar.subject(mine), liar.sealed(deletion, actor=mine), ("feed",))


def _post_with_anothers_id(liar: Liar, mine: str, theirs: str) -> Forgery:
    post = liar.post(region=region_of(theirs))
    return Forgery("a post with another region's id", liar.subject(mine), liar.sealed(post, actor=mine), ("feed",))


def _comment_with_anothers_id(liar: Liar, mine: str, theirs: str) -> Forgery:
    comment = CommentAdded(comment_id=liar.comment_of(theirs), post_id=liar.post_of(theirs), body="forged")
    return Forgery(
        "a comment with another region's id", liar.subject(mine), liar.sealed(comment, actor=mine), ("feed",)
    )


def _word_for_another(liar: Liar, mine: str, theirs: str) -> Forgery:
    payload: Message = liar.chance.choice(
        [
            PersonRegistered(person_id=theirs, handle="forged", name="Forged"),
            ProfileEdited(person_id=theirs, name="Forged"),
            PersonFollowed(person_id=theirs, followed_id=mine),
            PersonUnfollowed(person_id=theirs, followed_id=mine),
        ]
    )
    return Forgery("a word for another person", liar.subject(mine, service="profile"), liar.sealed(payload, actor=mine))


def _erasure_of_another(liar: Liar, mine: str, theirs: str) -> Forgery:
    order = ErasureOrdered(erasure_id=f"{liar.region.name}_forged", person_id=theirs)
    data = liar.sealed(order, actor=region_actor(liar.region.name))
    return Forgery("another's erasure", liar.subject(liar.region.name, service="network"), data)


def _erasure_by_a_person(liar: Liar, mine: str, theirs: str) -> Forgery:
    data = liar.sealed(ErasureOrdered(erasure_id=f"{liar.region.name}_forged", person_id=mine), actor=mine)
    return Forgery("an erasure that no region orders", liar.subject(mine, service="network"), data)


def _malformed(liar: Liar, mine: str, theirs: str) -> Forgery:
    return Forgery("bytes that are no event", liar.subject(mine), b"\xff" + liar.chance.randbytes(40))


def _oversized(liar: Liar, mine: str, theirs: str) -> Forgery:
    post = PostPublished(post_id=liar.post().post_id, body="x" * EVENT_BYTES_MAX)
    return Forgery("an oversized event", liar.subject(mine), liar.sealed(post, actor=mine))


def _after_all_time(liar: Liar, mine: str, theirs: str) -> Forgery:
    data = liar.sealed(liar.post(), actor=mine, occurred_at_ms=_YEAR_10000_MS)
    return Forgery("a time that no calendar has", liar.subject(mine), data)


def _backdated(liar: Liar, mine: str, theirs: str) -> Forgery:
    return _post_of_their_own(liar, mine, "a backdated post", occurred_at_ms=1)


def _far_future(liar: Liar, mine: str, theirs: str) -> Forgery:
    return _post_of_their_own(liar, mine, "a post of the far future", occurred_at_ms=_FAR_FUTURE_MS)


def _post_of_their_own(liar: Liar, mine: str, kind: str, *, occurred_at_ms: int) -> Forgery:
    """Nobody refuses it: a region may say of its own people what it wants, and times decide nothing."""
    post = liar.post()
    liar.reference.posts[post.post_id] = reference.Text(post.post_id, mine, post.body)
    return Forgery(kind, liar.subject(mine), liar.sealed(post, actor=mine, occurred_at_ms=occurred_at_ms), ())


_FORGERIES: tuple[Forge, ...] = (
    _in_anothers_name,
    _envelope_of_another,
    _subject_of_another,
    _actor_of_another,
    _owner_of_another,
    _edit_of_anothers_post,
    _deletion_of_anothers_post,
    _deletion_of_anothers_comment,
    _post_with_anothers_id,
    _comment_with_anothers_id,
    _word_for_another,
    _erasure_of_another,
    _erasure_by_a_person,
    _malformed,
    _oversized,
    _after_all_time,
    _backdated,
    _far_future,
)
