"""Snippets: the part of a text in which most of what was asked for stands, told apart into what matched and what did not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice, takewhile
from typing import NamedTuple

from services.search.domain.words import Word, words_where

SNIPPET_CHARACTERS_MAX = 240
_LEAD_CHARACTERS = 40
"""Shown before the first match, so that it stands in its sentence."""
_ROOM_CHARACTERS = SNIPPET_CHARACTERS_MAX - _LEAD_CHARACTERS
_MATCHES_WEIGHED_MAX = 200
_SPACES = re.compile(r"\s+")
_ELLIPSIS = "…"


class Part(NamedTuple):
    """A piece of plain text; ``matched``: it is why this was found."""

    text: str
    matched: bool


def snippet_of(text: str, matches: Callable[[str], bool]) -> list[Part]:
    """Return the parts of a snippet of ``text``, of which the words that ``matches`` takes (in lower case) are matched.

    Spaces and line ends are one space each; where the text goes on, there is an ellipsis.
    """
    text = _SPACES.sub(" ", text).strip()
    found = words_where(text, matches)
    start, end = _window(text, found)
    parts: list[Part] = []
    place = start
    for word in found:
        if start <= word.start and word.end <= end:
            parts += [Part(text[place : word.start], False), Part(text[word.start : word.end], True)]
            place = word.end
    parts.append(Part(text[place:end], False))
    before, after = _ELLIPSIS if start else "", _ELLIPSIS if end < len(text) else ""
    return [part for part in (Part(before, False), *parts, Part(after, False)) if part.text]


def _window(text: str, found: Sequence[Word]) -> tuple[int, int]:
    """Return where the snippet begins and ends: around the first of the most different matches that fit into it."""
    if len(text) <= SNIPPET_CHARACTERS_MAX:
        return 0, len(text)
    best, most = 0, 0
    for number, word in enumerate(found[:_MATCHES_WEIGHED_MAX]):
        within = {other.text for other in _fitting(found, number)}
        if len(within) > most:
            best, most = word.start, len(within)
    start = _after_space(text, max(0, best - _LEAD_CHARACTERS))
    return start, _before_space(text, min(len(text), start + SNIPPET_CHARACTERS_MAX), at_least=best)


def _fitting(found: Sequence[Word], number: int) -> Iterator[Word]:
    """Return the matches that fit into a snippet which begins with that one."""
    end_max = found[number].start + _ROOM_CHARACTERS
    return takewhile(lambda word: word.end <= end_max, islice(found, number, None))


def _after_space(text: str, place: int) -> int:
    """Return the beginning of the word at ``place`` or behind it, if one begins before the match."""
    space = text.find(" ", place, place + _LEAD_CHARACTERS) if place else -1
    return place if space < 0 else space + 1


def _before_space(text: str, place: int, *, at_least: int) -> int:
    space = text.rfind(" ", at_least, place) if place < len(text) else -1
    return place if space <= at_least else space
