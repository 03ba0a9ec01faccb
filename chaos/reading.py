"""What a region shows, read through GraphQL by somebody who is at home there: every post, comment and count."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any

from chaos.client import Client

_PAGE = 100
_POSTS_AT_ONCE = 10
READ_AT_ONCE_MAX = 4

PERSON = "query ($id: ID!) { person(id: $id) { id handle region title followerCount followingCount } }"
GROUP = "query ($id: ID!) { group(id: $id) { id name memberCount } }"
NODE = """
id body commentCount author { id } reactions { emoji count } recognition { id }
title answerCount helpfulCount acceptedAnswer { id }
"""
POSTS = f"""
query ($id: ID!, $first: Int!, $after: String) {{
  person(id: $id) {{
    posts(first: $first, after: $after) {{
      edges {{ node {{ {NODE} }} }}
      pageInfo {{ hasNextPage endCursor }}
    }}
  }}
}}
"""
COMMENTS = """
query ($id: ID!, $first: Int!, $after: String) {
  post(id: $id) {
    comments(first: $first, after: $after) {
      edges { node { id body answer helpfulCount author { id } } }
      pageInfo { hasNextPage endCursor }
    }
  }
}
"""
QUESTIONS = """
query ($filter: QuestionFilter, $first: Int!, $after: String) {
  questions(filter: $filter, first: $first, after: $after) {
    edges { node { id } }
    pageInfo { hasNextPage endCursor }
  }
}
"""
FILTERS = (None, "UNANSWERED", "UNACCEPTED")


@dataclass(frozen=True, slots=True)
class ShownPost:
    """A post as a region shows it; ``reactions`` maps each emoji to how many there are, ``gift`` is what praise shows.

    ``title`` and what follows it are a question's; ``accepted`` is an answer's id, or empty.
    """

    post: str
    author: str
    body: str
    comment_count: int
    reactions: dict[str, int]
    gift: str = ""
    helpful: int = 0
    title: str = ""
    answers: int = 0
    accepted: str = ""


@dataclass(frozen=True, slots=True)
class ShownComment:
    """A comment as a region shows it."""

    comment: str
    post: str
    author: str
    body: str
    answer: bool = False
    helpful: int = 0


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
    """All that a region shows, in the order of its answers: what is there twice is here twice.

    ``questions`` are the lists of questions by their filters.
    """

    region: str
    people: list[ShownPerson] = field(default_factory=list)
    posts: list[ShownPost] = field(default_factory=list)
    comments: list[ShownComment] = field(default_factory=list)
    groups: list[ShownGroup] = field(default_factory=list)
    questions: dict[str | None, list[str]] = field(default_factory=dict)


async def read_region(region: str, client: Client, *, people: Sequence[str], groups: Sequence[str]) -> Shown:
    """Return all that ``region`` shows of these people and groups; what it does not know is left out."""
    shown = Shown(region)
    shown.groups = [group for group in await ask_all(_group(client, group) for group in groups) if group is not None]
    known = [person for person in await ask_all(_person(client, person) for person in people) if person is not None]
    shown.people = known
    for posts in await ask_all(_posts(client, person.person) for person in known):
        shown.posts += posts
    answered = [post.post for post in shown.posts if post.comment_count]
    for comments in await ask_all(read_comments(client, post) for post in answered):
        shown.comments += comments
    for which in FILTERS:
        shown.questions[which] = [node["id"] async for node in pages(client, QUESTIONS, "questions", filter=which)]
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
    return [post_of(node) async for node in pages(client, POSTS, "person", "posts", id=person)]


def post_of(node: Mapping[str, Any]) -> ShownPost:
    """Return the post that ``NODE`` was asked of."""
    return ShownPost(
        post=node["id"],
        author=node["author"]["id"],
        body=node["body"],
        comment_count=node["commentCount"],
        reactions={reaction["emoji"]: reaction["count"] for reaction in node["reactions"]},
        gift=_id(node["recognition"]),
        helpful=node["helpfulCount"],
        title=node["title"] or "",
        answers=node["answerCount"],
        accepted=_id(node["acceptedAnswer"]),
    )


async def read_comments(client: Client, post: str) -> list[ShownComment]:
    """Return all comments below a post; none if it is not there."""
    return [
        ShownComment(
            node["id"], post, node["author"]["id"], node["body"], answer=node["answer"], helpful=node["helpfulCount"]
        )
        async for node in pages(client, COMMENTS, "post", "comments", id=post)
    ]


def _id(node: Mapping[str, Any] | None) -> str:
    return str(node["id"]) if node else ""


async def pages(
    client: Client, document: str, *path: str, pages_max: int | None = None, **given: str | None
) -> AsyncIterator[Any]:
    """Yield every node of the connection at ``path``, or of its first pages; none if there is nothing on the way there."""
    after = None
    for _ in repeat(None) if pages_max is None else range(pages_max):
        page: Any = await client.ask(document, first=_PAGE, after=after, **given)
        for name in path:
            page = page.get(name)
            if page is None:
                return
        for edge in page["edges"]:
            yield edge["node"]
        if not page["pageInfo"]["hasNextPage"]:
            return
        after = page["pageInfo"]["endCursor"]
