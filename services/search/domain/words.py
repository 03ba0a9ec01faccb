"""Words of a text, the same ones wherever text is met: in what is indexed, in a query, and in a snippet.

A word is a run of letters and digits; soft hyphens in it only say where a line may break. Of Chinese and Japanese, which are
written without spaces, each character is one: a word there is found as the phrase of its characters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

WORD_CHARACTERS_MAX = 64
"""Of a longer run, such as a key or a picture in base 64, the beginning is the word."""
_FOLDED_REMEMBERED = 65_536

# Hiragana, katakana, the unified ideographs and their compatibility forms.
_UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_UNSPACED_CHARACTER = re.compile(f"[{_UNSPACED}]")
_SOFT_HYPHEN = "\u00ad"
_RUN = rf"[^\W_{_UNSPACED}]+"
_WORD = re.compile(rf"{_RUN}(?:{_SOFT_HYPHEN}+{_RUN})*|[{_UNSPACED}]")


class Word(NamedTuple):
    """A word in lower case, and where it stands: from ``start`` up to and without ``end``."""

    text: str
    start: int
    end: int


def words_where(text: str, holds: Callable[[str], bool]) -> list[Word]:
    """Return those words of ``text``, in order, of which ``holds`` is true in lower case."""
    return [
        Word(word, match.start(), match.end())
        for match in _WORD.finditer(text)
        if holds(word := match[0].replace(_SOFT_HYPHEN, "")[:WORD_CHARACTERS_MAX].lower())
    ]


def words_of(text: str) -> list[str]:
    """Return the words of ``text`` in order, in lower case."""
    return [word[:WORD_CHARACTERS_MAX].lower() for word in _WORD.findall(text.replace(_SOFT_HYPHEN, ""))]


def is_unspaced(word: str) -> bool:
    """Whether a word is a character of a language that is written without spaces."""
    return _UNSPACED_CHARACTER.fullmatch(word) is not None


@lru_cache(_FOLDED_REMEMBERED)
def fold(word: str) -> str:
    """Return a word as somebody may type it without its marks: ``åsa`` and ``Åsa`` are ``asa``."""
    if word.isascii():
        return word.lower()
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", word).casefold())
    return "".join(character for character in decomposed if character.isalnum()) or word


def alike(text: str) -> str:
    """Return the words of a text, folded and separated by one space: equal for texts that sound the same."""
    return " ".join(map(fold, words_of(text)))
