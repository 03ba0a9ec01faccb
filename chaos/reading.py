"""What a region shows, read through GraphQL by somebody who is at home there: every post, comment and count."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from chaos.client import Client

_PAGE = 100
_POSTS_AT_ONCE = 10
READ_AT_ONCE_MAX = 4

PERSON = "query ($id: ID!) { person(id: $id) { id handle region title followerCount followingCount } }"
GROUP = "query ($id: ID!) { group(id: $id) { id name memberCount } }"
POSTS = """
query ($id: ID!, $first: Int!, $after: String) {
  person(id: $id) {
    posts(first: $first, after: $after) {
      edges { node { id body commentCount author { id } reactions { emoji count } recognition { id } } }
      pageInfo { hasNextPage endCursor }
    }
  }
}
"""
COMMENTS = """
query ($id: ID!, $first: Int!, $after: String) {
  post(id: $id) {
    comments(first: $first, after: $after) {
      edges { node { id body author { id } } }
      pageInfo { hasNextPage endCursor }
    }
  }
}
"""


@dataclass(frozen=True, slots=True)
class ShownPost:
    """A post as a region shows it; ``reactions`` maps each emoji to how many there are, ``gift`` is what praise shows."""

    post: str
    author: str
    body: str
    comment_count: int
    reactions: dict[str, int]
    gift: str = ""


@dataclass(frozen=True, slots=True)
class ShownComment:
    """A comment as a region shows it."""

    comment: str
    post: str
    author: str
    body: str


@dataclass(frozen=True, slots=True)
class ShownPerson:
    """A person as a region shows them."""

    person: str
    title: str
    followers: int
    following: int


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """A group as a region shows it."""

    group: str
    name: str
    members: int


@dataclass(slots=True)
class Shown:
    """All that a region shows, in the order of its answers: what is there twice is here twice."""

    region: str
    people: list[ShownPerson] = field(default_factory=list)
    posts: list[ShownPost] = field(default_factory=list)
    comments: list[ShownComment] = field(default_factory=list)
    groups: list[ShownGroup] = field(default_factory=list)


async def read_region(region: str, client: Client, *, people: Sequence[str], groups: Sequence[str]) -> Shown:
    """Return all that ``region`` shows of these people and groups; what it does not know is left out."""
    shown = Shown(region)
    shown.groups = [group for group in await ask_all(_group(client, group) for group in groups) if group is not None]
    known = [person for person in await ask_all(_person(client, person) for person in people) if person is not None]
    shown.people = known
    for posts in await ask_all(_posts(client, person.person) for person in known):
        shown.posts += posts
    answered = [post.post for post in shown.posts if post.comment_count]
    for comments in await ask_all(_comments(client, post) for post in answered):
        shown.comments += comments
    return shown


async def ask_all(questions: Iterable[Any]) -> list[Any]:
    """Ask all of it, a few at a time: a person may ask only so often in a second."""
    turns = asyncio.Semaphore(READ_AT_ONCE_MAX)

    async def in_turn(question: Any) -> Any:
        async with turns:
            return await question

    return list(await asyncio.gather(*(in_turn(question) for question in questions)))


async def _person(client: Client, person: str) -> ShownPerson | None:
    found = (await client.ask(PERSON, id=person))["person"]
    if found is None:
        return None
    return ShownPerson(found["id"], found["title"] or "", found["followerCount"], found["followingCount"])


async def _group(client: Client, group: str) -> ShownGroup | None:
    found = (await client.ask(GROUP, id=group))["group"]
    return None if found is None else ShownGroup(found["id"], found["name"], found["memberCount"])


async def _posts(client: Client, person: str) -> list[ShownPost]:
    return [
        ShownPost(
            post=node["id"],
            author=node["author"]["id"],
            body=node["body"],
            comment_count=node["commentCount"],
            reactions={reaction["emoji"]: reaction["count"] for reaction in node["reactions"]},
            gift=node["recognition"]["id"] if node["recognition"] else "",
        )
        async for node in pages(client, POSTS, "person", "posts", id=person)
    ]


async def _comments(client: Client, post: str) -> list[ShownComment]:
    return [
        ShownComment(node["id"], post, node["author"]["id"], node["body"])
        async for node in pages(client, COMMENTS, "post", "comments", id=post)
    ]


async def pages(client: Client, document: str, *path: str, **given: str) -> AsyncIterator[Any]:
    """Yield every node of the connection at ``path``; none if there is nothing on the way there."""
    after = None
    while True:
        page = await client.ask(document, first=_PAGE, after=after, **given)
        for name in path:
            page = page[name]
            if page is None:
                return
        for edge in page["edges"]:
            yield edge["node"]
        if not page["pageInfo"]["hasNextPage"]:
            return
        after = page["pageInfo"]["endCursor"]
