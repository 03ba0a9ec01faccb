"""Stems: what the forms of a word have in common, by Tantivy's Snowball stemmers, one for each language that is told apart.

A text is indexed by the stems of its own language. A query is too short to be in one, so its words are looked for under
the stems of every language; that a stem of one is a word of another is rare, and ranks low.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache, lru_cache

from tantivy import Filter, TextAnalyzer, TextAnalyzerBuilder, Tokenizer

from services.search.domain.languages import LANGUAGES, language_of
from services.search.domain.words import words_of

_FORMS_REMEMBERED = 65_536


def stemmed(text: str) -> list[str]:
    """Return the stems of a text, separated by spaces: once if its language is known, and once in the way of each if not."""
    words = words_of(text)
    language = language_of(words)
    if language:
        return [_join(_stems(words, language))]
    return list(dict.fromkeys(_join(_stems(words, other)) for other in LANGUAGES))


@lru_cache(_FORMS_REMEMBERED)
def forms_of(word: str) -> frozenset[str]:
    """Return the stems that ``word``, in lower case, has in some language."""
    return frozenset(stem for language in LANGUAGES for stem in _stems((word,), language))


def _stems(words: Sequence[str], language: str) -> list[str]:
    return _stemmer(language).analyze(_join(words))


def _join(words: Iterable[str]) -> str:
    return " ".join(words)


@cache
def _stemmer(language: str) -> TextAnalyzer:
    return TextAnalyzerBuilder(Tokenizer.whitespace()).filter(Filter.stemmer(language)).build()
