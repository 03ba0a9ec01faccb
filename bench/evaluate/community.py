"""A question-and-answer community, read from the rows of its public dump."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import nh3

_QUESTION, _ANSWER = "1", "2"
_ACCEPTED, _UP = "1", "2"


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody asked; ``author`` is empty if they are gone."""

    id: str
    author: str
    title: str
    body: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody answered; ``score`` is what it has come to in the end."""

    id: str
    question: str
    author: str
    body: str
    at_ms: int
    score: int
    accepted: bool


@dataclass(frozen=True, slots=True)
class Vote:
    """That a question or an answer has helped somebody, or, if ``accepted``, that who asked accepted the answer."""

    id: str
    post: str
    accepted: bool
    at_ms: int


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the community, and what they say of themselves."""

    id: str
    name: str
    about: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Community:
    """All of it."""

    people: Sequence[Person]
    questions: Sequence[Question]
    answers: Sequence[Answer]
    votes: Sequence[Vote]


def read_community(folder: Path) -> Community:
    """Read the folder that holds ``Posts.xml``, ``Votes.xml`` and ``Users.xml``. Answers without a question are left out."""
    rows = list(_rows(folder / "Posts.xml"))
    questions = [_question(row) for row in rows if row["PostTypeId"] == _QUESTION]
    accepted = {row.get("AcceptedAnswerId", "") for row in rows}
    asked = {question.id for question in questions}
    answers = [
        _answer(row, accepted=row["Id"] in accepted)
        for row in rows
        if row["PostTypeId"] == _ANSWER and row["ParentId"] in asked
    ]
    votes = [
        Vote(row["Id"], row["PostId"], row["VoteTypeId"] == _ACCEPTED, _ms(row))
        for row in _rows(folder / "Votes.xml")
        if row["VoteTypeId"] in {_ACCEPTED, _UP}
    ]
    people = [
        Person(row["Id"], row["DisplayName"], _text(row.get("AboutMe", "")), _ms(row))
        for row in _rows(folder / "Users.xml")
    ]
    return Community(people, questions, answers, votes)


def _question(row: dict[str, str]) -> Question:
    return Question(row["Id"], row.get("OwnerUserId", ""), row["Title"], _text(row["Body"]), _ms(row))


def _answer(row: dict[str, str], *, accepted: bool) -> Answer:
    author, text = row.get("OwnerUserId", ""), _text(row["Body"])
    return Answer(row["Id"], row["ParentId"], author, text, _ms(row), int(row["Score"]), accepted)


def _rows(file: Path) -> Iterator[dict[str, str]]:
    for _, element in ElementTree.iterparse(file):  # noqa: S314 - a file that its caller has chosen to read
        if element.tag == "row":
            yield dict(element.attrib)
            element.clear()


def _text(markup: str) -> str:
    """Return the text of HTML without its markup."""
    return html.unescape(nh3.clean(markup, tags=set())).strip()


def _ms(row: dict[str, str]) -> int:
    return round(datetime.fromisoformat(row["CreationDate"]).replace(tzinfo=UTC).timestamp() * 1000)
