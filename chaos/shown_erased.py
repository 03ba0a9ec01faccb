"""What is shown to somebody on every path on which something of the erased could be: all that stands in the answers."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chaos.client import Client
from chaos.reading import ask_all, pages

HOME_PAGES_MAX = 3
PERSON = "query ($id: ID!) { person(id: $id) { id name title posts { edges { node { id } } } } node(id: $id) { id } }"
CONTENT = "query ($id: ID!) { node(id: $id) { id } post(id: $id) { id comments { edges { node { id } } } } }"
GROUP_FEED = """
query ($id: ID!, $first: Int!, $after: String) {
  groupFeed(groupId: $id, first: $first, after: $after) {
    edges { node { id author { id } acceptedAnswer { id author { id } } } } pageInfo { hasNextPage endCursor }
  }
}
"""
MEMBERS = """
query ($id: ID!, $first: Int!, $after: String) {
  groupMembers(groupId: $id, first: $first, after: $after) {
    edges { node { person { id } } } pageInfo { hasNextPage endCursor }
  }
}
"""
HOME = """
query ($first: Int!, $after: String) {
  homeFeed(first: $first, after: $after) {
    edges { node { id author { id } recognition { id giver { id } receivers { id } } } }
    pageInfo { hasNextPage endCursor }
  }
}
"""
GIFTS = """
query ($id: ID!) {
  recognitions(personId: $id, first: 100) { edges { node { id giver { id } receivers { id } } } }
}
"""
SEARCH = """
query ($text: String!) { search(query: $text, first: 100) { edges { node { id postId author { id } } } } }
"""
COMPLETE = "query ($text: String!) { complete(prefix: $text, first: 20) { id } }"
EXPERTS = """
query ($text: String!) {
  experts(about: $text, first: 20) {
    experts { person { id } answers { bestId postId } recognitions { latestId } }
  }
}
"""


@dataclass(frozen=True, slots=True)
class Leaver:
    """Somebody who was erased: their id, what everybody called them, and what they said of themselves."""

    person: str
    handle: str
    says: str


@dataclass(slots=True)
class ShownErased:
    """All texts, ids among them, in what ``person`` is shown in ``region``, by the path on which they are shown."""

    region: str
    person: str
    texts: dict[str, set[str]]


async def read_erased(
    region: str, client: Client, leavers: Sequence[Leaver], *, contents: Iterable[str], groups: Iterable[str]
) -> ShownErased:
    """Ask as a stranger for the leavers and what they wrote, by their ids and wherever anything of them could be listed."""
    asked: dict[str, Awaitable[object]] = _by_id(client, contents)
    for leaver in leavers:
        asked[f"{leaver.person} by their id"] = client.ask(PERSON, id=leaver.person)
        asked[f"what {leaver.person} gave and got"] = client.ask(GIFTS, id=leaver.person)
    for text in {text for leaver in leavers for text in (leaver.handle, leaver.says)}:
        asked[f"search for {text!r}"] = client.ask(SEARCH, text=text)
        asked[f"completion of {text!r}"] = client.ask(COMPLETE, text=text)
        asked[f"experts on {text!r}"] = client.ask(EXPERTS, text=text)
    for group in groups:
        asked[f"the feed of {group}"] = _listed(client, GROUP_FEED, "groupFeed", id=group)
        asked[f"the members of {group}"] = _listed(client, MEMBERS, "groupMembers", id=group)
    return await _read(region, "", asked)


async def read_at_home(region: str, person: str, client: Client, *, contents: Iterable[str]) -> ShownErased:
    """Ask as ``person`` for what leavers wrote by its id, and for the top of their home feed."""
    asked: dict[str, Awaitable[object]] = _by_id(client, contents)
    asked["the home feed"] = _listed(client, HOME, "homeFeed", pages_max=HOME_PAGES_MAX)
    return await _read(region, person, asked)


def _by_id(client: Client, contents: Iterable[str]) -> dict[str, Awaitable[object]]:
    return {f"{content} by its id": client.ask(CONTENT, id=content) for content in contents}


async def _read(region: str, person: str, asked: Mapping[str, Awaitable[object]]) -> ShownErased:
    answers = await ask_all(asked.values())
    return ShownErased(region, person, {path: set(texts_in(each)) for path, each in zip(asked, answers, strict=True)})


async def _listed(client: Client, document: str, *path: str, pages_max: int | None = None, **given: str) -> list[Any]:
    return [node async for node in pages(client, document, *path, pages_max=pages_max, **given)]


def texts_in(answer: object) -> Iterator[str]:
    """Yield every text that stands in an answer, however deep; ids are such."""
    if isinstance(answer, str):
        yield answer
    elif isinstance(answer, dict):
        for value in answer.values():
            yield from texts_in(value)
    elif isinstance(answer, list):
        for value in answer:
            yield from texts_in(value)
