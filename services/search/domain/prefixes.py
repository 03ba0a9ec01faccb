"""What somebody has typed so far, and what it may be the beginning of."""

from __future__ import annotations

from dataclasses import dataclass

from services.chassis.errors import Invalid
from services.chassis.text import parse_text
from services.search.domain.words import alike

PREFIX_CHARACTERS_MAX = 100
SUGGESTIONS_DEFAULT = 10
SUGGESTIONS_MAX = 20
_WORDS_MAX = 8


@dataclass(frozen=True, slots=True)
class Beginning:
    """What was typed: ``words``, folded, each of which may still go on, and ``topic``, a topic as far as it is written.

    A region is one of the words, as ``region_word`` makes it. ``others`` are groups and titles.
    """

    words: tuple[str, ...]
    topic: str
    people: bool
    others: bool
    topics: bool


def parse_prefix(text: str) -> Beginning:
    """Return what has been typed; ``@`` before it asks for people alone, ``#`` for topics. Raises Invalid.

    In ``@bo@tok`` the second part is a region.
    """
    text = parse_text(text, field="prefix", characters_max=PREFIX_CHARACTERS_MAX, lines=False)
    sign, typed = (text[0], text[1:]) if text[0] in "@#" else ("", text)
    named, _, region = typed.partition("@") if sign == "@" else (typed, "", "")
    words = tuple(alike(named).split()[:_WORDS_MAX])
    if not words:
        raise Invalid("Type a letter or a digit.", code="nothing_to_find", field="prefix")
    topics = sign != "@" and " " not in typed
    if region:
        words += (region_word(region),)
    return Beginning(words, typed.lower(), people=sign != "#", others=not sign, topics=topics)


def region_word(region: str) -> str:
    """Return the word by which people of a region are completed; no word of a name is like it."""
    return f"@{region.lower()}"


def parse_suggestions(first: int) -> int:
    """Return how many suggestions are asked for; 0 is the default number. Raises Invalid."""
    if not 0 <= first <= SUGGESTIONS_MAX:
        raise Invalid(f"1 to {SUGGESTIONS_MAX} suggestions can be asked for.", code="page_size", field="first")
    return first or SUGGESTIONS_DEFAULT
