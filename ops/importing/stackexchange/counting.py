"""What a region must show of a dump, counted from its rows by no rule of the import's but who stands under whom.

Rows that cannot be read are nobody's; a row that the region refused is counted all the same, so that it shows.
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ops.importing.checking.contents import Answer, Contents, QuestionKey, Thread
from ops.importing.stackexchange import mapping
from ops.importing.stackexchange.mapping import MalformedError, Values
from ops.importing.stackexchange.markdown import one_line
from ops.importing.stackexchange.rows import Row, read_rows
from services.chassis.ids import derive

_UP, _DOWN = "2", "3"


@dataclass(slots=True)
class _Posts:
    """The questions and answers of a dump by their keys, and what stands below them or was voted on them."""

    questions: dict[int, Values] = field(default_factory=dict)
    answers: defaultdict[int, dict[int, Values]] = field(default_factory=lambda: defaultdict(dict))
    """By the key of their question."""
    question_of: dict[int, int] = field(default_factory=dict)
    comments: Counter[int] = field(default_factory=Counter)
    votes: Counter[tuple[int, str]] = field(default_factory=Counter)


def count(folder: Path, *, region: str, source: str) -> Contents:
    """Return what ``region`` must show of the dump in ``folder``, imported as ``source``. Raises OSError."""
    posts = _read_posts(folder)
    contents = Contents()
    for values in _rows(folder / "Users.xml"):
        if key := _key(values, "Id"):
            contents.people[_person(key, values, region, source)] = 1
    for key in posts.questions:
        thread = _thread(posts, key)
        contents.threads[thread] += 1
        contents.listed.update(thread.topics)
    return contents


def _read_posts(folder: Path) -> _Posts:
    posts = _Posts()
    for values in _rows(folder / "Posts.xml"):
        key, parent_key = _key(values, "Id"), _key(values, "ParentId")
        if not key or _at_ms(values) is None or key in posts.question_of:
            continue
        if values.get("PostTypeId") == "1":
            posts.questions[key] = values
            posts.question_of[key] = key
        elif values.get("PostTypeId") == "2":
            posts.answers[parent_key][key] = values
            posts.question_of[key] = parent_key
    for values in _rows(folder / "Comments.xml"):
        posts.comments[posts.question_of.get(_key(values, "PostId"), 0)] += 1
    for values in _rows(folder / "Votes.xml"):
        posts.votes[_key(values, "PostId"), values.get("VoteTypeId", "")] += 1
    return posts


def _thread(posts: _Posts, key: int) -> Thread:
    question = posts.questions[key]
    answers = sorted(
        Answer(
            at_ms=_at_ms(values) or 0,
            helpful=posts.votes[answer_key, _UP],
            down=posts.votes[answer_key, _DOWN],
            accepted=question.get("AcceptedAnswerId") == str(answer_key),
        )
        for answer_key, values in posts.answers[key].items()
    )
    return Thread(
        key=QuestionKey(_at_ms(question) or 0, _as_shown(question.get("Title", ""))),
        topics=tuple(sorted({_as_shown(tag).lower() for tag in mapping.tags(question)})),
        helpful=posts.votes[key, _UP],
        down=posts.votes[key, _DOWN],
        answers=tuple(answers),
        comments=posts.comments[key],
        answers_told=len(answers),
    )


def _person(key: int, values: Values, region: str, source: str) -> tuple[str, str]:
    """Return the id that somebody imported from ``source`` has, and their name."""
    name = _as_shown(values.get("DisplayName", "")) or f"user{key}"
    return derive(region, "imported", source, str(key)), name


def _rows(path: Path) -> Iterator[Values]:
    for row in read_rows(path) if path.exists() else ():
        if isinstance(row, Row):
            yield row.values


def _as_shown(text: str) -> str:
    return unicodedata.normalize("NFC", one_line(text))


def _key(values: Values, field: str) -> int:
    """Return a key; 0, which no row has, if there is none."""
    try:
        return mapping.number(values, field)
    except MalformedError:
        return 0


def _at_ms(values: Values) -> int | None:
    try:
        return round(mapping.made_at(values).timestamp() * 1000)
    except MalformedError:
        return None
