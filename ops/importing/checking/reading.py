"""Reads through GraphQL what a region shows of a community: its people, its questions, and the lists by topic."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterable
from datetime import datetime
from itertools import islice
from typing import Any

from ops.importing.checking.asking import Ask
from ops.importing.checking.contents import Answer, Contents, QuestionKey, Thread
from ops.importing.limits import PEOPLE_ASKED_AT_ONCE

_DOWN = "👎"
_COMMENT = "id createdAt answer helpfulCount author { id } reactions { emoji count }"
_COMMENTS = f"pageInfo {{ hasNextPage endCursor }} edges {{ node {{ {_COMMENT} }} }}"
_QUESTIONS = f"""
query ($after: String) {{
  questions(first: 15, after: $after) {{
    pageInfo {{ hasNextPage endCursor }}
    edges {{
      node {{
        id title createdAt topics author {{ id region }} helpfulCount answerCount reactions {{ emoji count }}
        acceptedAnswer {{ id }}
        comments(first: 20) {{ {_COMMENTS} }}
      }}
    }}
  }}
}}
"""
_MORE_COMMENTS = (
    f"query ($id: ID!, $after: String) {{ post(id: $id) {{ comments(first: 100, after: $after) {{ {_COMMENTS} }} }} }}"
)
_BY_TOPIC = """
query ($topic: String!, $after: String) {
  questions(topic: $topic, first: 100, after: $after) {
    pageInfo { hasNextPage endCursor }
    edges { node { title createdAt author { region } } }
  }
}
"""

Node = dict[str, Any]


async def read(ask: Ask, *, home: str, wanted: Contents) -> Contents:
    """Return what a region shows of ``wanted``, whose people are at home in ``home``: what else there is does not matter."""
    keys = {thread.key for thread in wanted.threads}
    contents = Contents()
    contents.people = await _people(ask, [person_id for person_id, _ in wanted.people])
    async for node in _questions(ask, _QUESTIONS):
        if node["author"]["region"] == home and _key(node) in keys:
            contents.threads[_thread(node, [comment async for comment in _comments(ask, node)])] += 1
    for topic in wanted.listed:
        async for node in _questions(ask, _BY_TOPIC, topic=topic):
            contents.listed[topic] += node["author"]["region"] == home and _key(node) in keys
    return contents


async def _people(ask: Ask, ids: Iterable[str]) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    rest = iter(ids)
    while page := list(islice(rest, PEOPLE_ASKED_AT_ONCE)):
        asked = " ".join(f"p{number}: person(id: $p{number}) {{ id name }}" for number in range(len(page)))
        declared = ", ".join(f"$p{number}: ID!" for number in range(len(page)))
        variables = {f"p{number}": person_id for number, person_id in enumerate(page)}
        answer = await ask(f"query ({declared}) {{ {asked} }}", **variables)
        found.update((person["id"], person["name"]) for person in answer.values() if person)
    return found


async def _questions(ask: Ask, query: str, **variables: object) -> AsyncIterator[Node]:
    page: Node = {"pageInfo": {"hasNextPage": True, "endCursor": None}}
    while page["pageInfo"]["hasNextPage"]:
        page = (await ask(query, after=page["pageInfo"]["endCursor"], **variables))["questions"]
        for edge in page["edges"]:
            yield edge["node"]


async def _comments(ask: Ask, question: Node) -> AsyncIterator[Node]:
    page = question["comments"]
    while True:
        for edge in page["edges"]:
            yield edge["node"]
        if not page["pageInfo"]["hasNextPage"]:
            return
        answer = await ask(_MORE_COMMENTS, id=question["id"], after=page["pageInfo"]["endCursor"])
        page = answer["post"]["comments"]


def _thread(question: Node, comments: Collection[Node]) -> Thread:
    accepted_id = (question["acceptedAnswer"] or {}).get("id")
    answers = [comment for comment in comments if comment["answer"]]
    wholes = {_origin(question), *map(_origin, answers)}
    return Thread(
        key=_key(question),
        topics=tuple(sorted(question["topics"])),
        helpful=question["helpfulCount"],
        down=_down(question),
        answers=tuple(sorted(_answer(answer, accepted=answer["id"] == accepted_id) for answer in answers)),
        # What goes on with a long text is of its author and its time.
        comments=sum(not comment["answer"] and _origin(comment) not in wholes for comment in comments),
        answers_told=question["answerCount"],
    )


def _answer(comment: Node, *, accepted: bool) -> Answer:
    return Answer(_at_ms(comment), helpful=comment["helpfulCount"], down=_down(comment), accepted=accepted)


def _origin(node: Node) -> tuple[str, int]:
    return node["author"]["id"], _at_ms(node)


def _key(question: Node) -> QuestionKey:
    return QuestionKey(_at_ms(question), question["title"])


def _down(node: Node) -> int:
    return sum(reaction["count"] for reaction in node["reactions"] if reaction["emoji"] == _DOWN)


def _at_ms(node: Node) -> int:
    return round(datetime.fromisoformat(node["createdAt"]).timestamp() * 1000)
