"""A company to measure with: people, whom they follow, and what they wrote, the same for the same seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from google.protobuf.message import Message

from samverka.feed.v1 import feed_events_pb2 as feed
from samverka.profile.v1 import profile_events_pb2 as profile
from services.chassis.clock import hybrid
from services.chassis.envelope import seal
from services.chassis.eventlog.subjects import Subject
from services.chassis.ids import derive

REGION = "stockholm"
BEGIN_MS = 1_700_000_000_000
POST_EVERY_MS = 170_000
"""A hundred thousand posts are half a year of a company of two thousand."""
WORDS = (
    "the rollout in Osaka went well and the customer asked about latency on weekends so we wrote the steps down "
    "who has seen this error before after the upgrade please look at the second page of the plan thanks to everybody"
).split()
EMOJI = ("👍", "🎉", "🙏")


@dataclass(frozen=True, slots=True)
class Size:
    """How large the company is; ``followed`` is how many each person follows."""

    people: int
    posts: int
    followed: int
    reactions: int = 0
    comments: int = 0


@dataclass(frozen=True, slots=True)
class Sealed:
    """An event, ready to be appended."""

    entry_id: str
    subject: str
    data: bytes


def handle(number: int) -> str:
    """Return the handle of a person."""
    return f"person-{number}"


def person_id(issuer: str, number: int) -> str:
    """Return the id that follows from a person's development token."""
    return derive(REGION, "person", issuer, f"{handle(number)}@{REGION}")


def events(size: Size, *, issuer: str, seed: int = 1) -> Iterator[Sealed]:
    """Yield the company's log in order: people, follows, then posts, comments and reactions mixed."""
    chance = random.Random(seed)
    people = [person_id(issuer, number) for number in range(size.people)]
    for number, person in enumerate(people):
        registered = profile.PersonRegistered(person_id=person, handle=handle(number), name=f"Person {number}")
        yield _sealed(f"r{number}", person, "directory", registered, number)
    for number, person in enumerate(people):
        for other in chance.sample(range(size.people), size.followed):
            if other != number:
                followed = profile.PersonFollowed(person_id=person, followed_id=people[other])
                yield _sealed(f"f{number}-{other}", person, "profile", followed, number)
    posts = [derive(REGION, "bench", str(number)) for number in range(size.posts)]
    for number, post_id in enumerate(posts):
        at_ms = number * POST_EVERY_MS
        body = " ".join(chance.choices(WORDS, k=40))
        yield _sealed(
            f"p{number}", chance.choice(people), "feed", feed.PostPublished(post_id=post_id, body=body), at_ms
        )
        for reaction in range(_share(size.reactions, size.posts, number)):
            reacted = feed.Reacted(target_id=posts[chance.randint(0, number)], emoji=chance.choice(EMOJI))
            yield _sealed(f"e{number}-{reaction}", chance.choice(people), "feed", reacted, at_ms)
        for comment in range(_share(size.comments, size.posts, number)):
            comment_id = derive(REGION, "bench-comment", str(number), str(comment))
            text = " ".join(chance.choices(WORDS, k=15))
            added = feed.CommentAdded(comment_id=comment_id, post_id=posts[chance.randint(0, number)], body=text)
            yield _sealed(f"c{number}-{comment}", chance.choice(people), "feed", added, at_ms)


def _share(total: int, parts: int, part: int) -> int:
    return total * (part + 1) // parts - total * part // parts


def _sealed(key: str, actor: str, service: str, payload: Message, at_ms: int) -> Sealed:
    event_id = derive(REGION, "bench-event", key)
    data = seal(
        payload,
        event_id=event_id,
        origin=REGION,
        actor=actor,
        occurred_at=hybrid(BEGIN_MS + at_ms),
        idempotency_key=key,  # every write through the gateway has one, and so every event leaves a receipt
        command_digest=bytes(8),
    )
    return Sealed(event_id, str(Subject(REGION, "pub", service, actor)), data)
