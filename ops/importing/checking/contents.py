"""What a community holds, in figures and question by question, whether counted from its source or read in a region."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

Key = TypeVar("Key")


class QuestionKey(NamedTuple):
    """By what a question is recognised in a region: nothing else is known in both worlds."""

    at_ms: int
    title: str


@dataclass(frozen=True, slots=True, order=True)
class Answer:
    at_ms: int
    helpful: int
    down: int
    accepted: bool


@dataclass(frozen=True, slots=True)
class Thread:
    """A question with what stands below it."""

    key: QuestionKey
    topics: tuple[str, ...]
    """In alphabetical order."""
    helpful: int
    down: int
    answers: tuple[Answer, ...]
    """In the order of time."""
    comments: int
    answers_told: int
    """How many answers the question says that it has."""


@dataclass(slots=True)
class Contents:
    """A few hundred bytes a question, and a hundred a person."""

    people: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By id and name."""
    threads: Counter[Thread] = field(default_factory=Counter)
    listed: Counter[str] = field(default_factory=Counter)
    """By topic, how many questions its list has."""

    def figures(self) -> Mapping[str, int]:
        """Return how many there are of everything."""
        threads = list(self.threads.elements())
        answers = [answer for thread in threads for answer in thread.answers]
        return {
            "people": self.people.total(),
            "questions": len(threads),
            "answers": len(answers),
            "accepted answers": sum(answer.accepted for answer in answers),
            "comments": sum(thread.comments for thread in threads),
            "helpful votes": sum(thread.helpful for thread in threads) + sum(answer.helpful for answer in answers),
            "down votes": sum(thread.down for thread in threads) + sum(answer.down for answer in answers),
            "topics": sum(count > 0 for count in self.listed.values()),
            "topics of questions": self.listed.total(),
        }


def differences(source: Contents, shown: Contents) -> Iterator[str]:
    """Yield a line for everything that one of them has and the other has not, or has differently."""
    for (person_id, name), count in _unequal(source.people, shown.people):
        yield f"{_more_or_less(count)}: {name} ({person_id})"
    for thread, count in _unequal(source.threads, shown.threads):
        yield f"{_more_or_less(count)}: {thread}"
    for topic, count in _unequal(source.listed, shown.listed):
        yield f"{_more_or_less(count)}: {abs(count)} in the list of #{topic}"


def _unequal(source: Counter[Key], shown: Counter[Key]) -> Iterator[tuple[Key, int]]:
    for key in dict.fromkeys((*source, *shown)):
        if count := shown[key] - source[key]:
            yield key, count


def _more_or_less(count: int) -> str:
    return "not in the source" if count > 0 else "not shown"
