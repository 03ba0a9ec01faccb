"""Who there must be, and who must follow whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from simulation.reference.tables import Tables


@dataclass(slots=True)
class Person:
    id: str
    region: str
    handle: str
    name: str
    subject: str
    title: str = ""


def tables(people: Mapping[str, Person], follows: Collection[tuple[str, str]], erased: Collection[str]) -> Tables:
    kept = {pair for pair in follows if pair[0] not in erased}
    followers = Counter(followed for _, followed in kept)
    following = Counter(follower for follower, _ in kept)
    there = [person for person in people.values() if person.id not in erased]
    return {
        "profile.people": (
            "select id, handle, region, name, title, follower_count, following_count from people",
            {(p.id, p.handle, p.region, p.name, p.title, followers[p.id], following[p.id]) for p in there},
        ),
        "profile.follows": ("select follower, followed from follows", kept),
        "feed.people": (
            "select id, handle, region, name from people",
            {(p.id, p.handle, p.region, p.name) for p in there},
        ),
        "recognition.people": (
            "select id, handle, region, name from people",
            {(p.id, p.handle, p.region, p.name) for p in there},
        ),
        "feed.home_sources": ("select reader, author from home_sources", kept | {(p.id, p.id) for p in there}),
    }
