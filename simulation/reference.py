"""The reference: what the network must hold, kept in plain dictionaries from the answers that people got.

It shares no code with the services. A person does one thing after the other, so each register's last acknowledged value
is known; counters are counted from the registers.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

Rows = set[tuple[Any, ...]]


@dataclass(slots=True)
class Person:
    id: str
    region: str
    handle: str
    name: str
    title: str = ""


@dataclass(slots=True)
class Text:
    """A post, or a comment below one."""

    id: str
    author: str
    body: str
    post_id: str = ""
    deleted: bool = False


@dataclass(slots=True)
class Reference:
    people: dict[str, Person] = field(default_factory=dict)
    follows: dict[tuple[str, str], None] = field(default_factory=dict)
    posts: dict[str, Text] = field(default_factory=dict)
    comments: dict[str, Text] = field(default_factory=dict)
    reactions: dict[tuple[str, str, str], None] = field(default_factory=dict)
    """Target, person, emoji."""
    erased: dict[str, None] = field(default_factory=dict)

    def texts_of(self, author: str) -> list[Text]:
        """Return what a person wrote and did not delete."""
        texts = [*self.posts.values(), *self.comments.values()]
        return [text for text in texts if text.author == author and not text.deleted]

    def rows(self) -> dict[str, tuple[str, Rows]]:
        """Return, for each table, the query over a service's file and the rows that it must give."""
        follows = {pair for pair in self.follows if pair[0] not in self.erased}
        followers = Counter(followed for _, followed in follows)
        following = Counter(follower for follower, _ in follows)
        comments = Counter(comment.post_id for comment in self._kept(self.comments) if not comment.deleted)
        people = [person for person in self.people.values() if person.id not in self.erased]
        return {
            "profile.people": (
                "select id, handle, region, name, title, follower_count, following_count from people",
                {(p.id, p.handle, p.region, p.name, p.title, followers[p.id], following[p.id]) for p in people},
            ),
            "profile.follows": ("select follower, followed from follows", follows),
            "feed.people": (
                "select id, handle, region, name from people",
                {(p.id, p.handle, p.region, p.name) for p in people},
            ),
            "feed.home_sources": ("select reader, author from home_sources", follows | {(p.id, p.id) for p in people}),
            "feed.posts": (
                "select id, author, body, deleted, comment_count, reactions from posts",
                {(*_shown(p), comments[p.id], self._reactions(p.id)) for p in self._kept(self.posts)},
            ),
            "feed.comments": (
                "select id, author, body, deleted, post_id, reactions from comments",
                {(*_shown(c), c.post_id, self._reactions(c.id)) for c in self._kept(self.comments)},
            ),
            "feed.reactions": (
                "select target_id, person, emoji from reactions",
                {reaction for reaction in self.reactions if reaction[1] not in self.erased},
            ),
        }

    def _kept(self, texts: dict[str, Text]) -> list[Text]:
        return [text for text in texts.values() if text.author not in self.erased]

    def _reactions(self, target_id: str) -> str:
        counts = Counter(
            emoji for target, person, emoji in self.reactions if target == target_id and person not in self.erased
        )
        return json.dumps(dict(sorted(counts.items())), ensure_ascii=False, separators=(",", ":"))


def _shown(text: Text) -> tuple[str, str, str, int]:
    return text.id, text.author, "" if text.deleted else text.body, int(text.deleted)
