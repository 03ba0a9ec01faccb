"""The language that people search in, parsed into what it asks for.

    query     = { term }
    term      = [ "-" ] ( filter | phrase | word )
    filter    = ( "from" | "in" | "kind" | "before" | "after" ) ":" ( phrase | word )
    phrase    = '"' … '"'

Terms are told apart by spaces, and filters known in any case. Words may be missing from what is found, the more of them
there are; phrases may not. A word of several, such as ``e-mail``, is one word: all its parts have to be there, or it is
missing. Of one filter's values any will do, and of before and after all hold. A word with another colon in it is a word.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NoReturn

from services.chassis.errors import Invalid
from services.chassis.ids import region_of
from services.chassis.text import parse_text
from services.search.domain.words import words_of

QUERY_CHARACTERS_MAX = 500
TERMS_MAX = 32
_TERM = re.compile(r'(?P<minus>-)?(?:(?P<name>(?i:from|in|kind|before|after)):)?(?P<value>"[^"]*"?|[^\s"]*)')
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_YEAR_MIN = 1970


class Kind(StrEnum):
    """What can be asked for with ``kind:``."""

    POST = "post"
    QUESTION = "question"
    PRAISE = "praise"
    COMMENT = "comment"
    ANSWER = "answer"
    PERSON = "person"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class Terms:
    """Words and phrases, in lower case, and the values of filters, each once.

    ``compounds`` are words of several, such as ``e-mail``. ``people`` are handles, with or without a region, ids, or ``me``;
    ``groups`` are names or ids.
    """

    words: tuple[str, ...] = ()
    compounds: tuple[tuple[str, ...], ...] = ()
    phrases: tuple[tuple[str, ...], ...] = ()
    people: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked for, what must not apply, and the time, in milliseconds since 1970, from which and up to which.

    ``any_word``: one of the words is enough, however many there are.
    """

    wanted: Terms = Terms()
    unwanted: Terms = Terms()
    from_ms: int | None = None
    until_ms: int | None = None
    any_word: bool = False


@dataclass(slots=True)
class _Parts:
    wanted: dict[str, list[Any]] = field(default_factory=dict)
    unwanted: dict[str, list[Any]] = field(default_factory=dict)
    from_ms: int | None = None
    until_ms: int | None = None

    def add(self, name: str, item: object, *, excluded: bool) -> None:
        (self.unwanted if excluded else self.wanted).setdefault(name, []).append(item)

    def query(self) -> Query:
        return Query(_terms(self.wanted), _terms(self.unwanted), self.from_ms, self.until_ms)


def parse_query(text: str) -> Query:
    """Return what ``text`` asks for. Raises Invalid, whose text names the place: the first character is number 1."""
    text = parse_text(text, field="query", characters_max=QUERY_CHARACTERS_MAX)
    parts = _Parts()
    terms = [match for match in _TERM.finditer(text) if match[0]]
    if len(terms) > TERMS_MAX:
        place = terms[TERMS_MAX].start()
        _refuse(f"A query has at most {TERMS_MAX} terms; one too many begins", place, code="too_many_terms")
    for match in terms:
        _add_term(parts, match)
    query = parts.query()
    if query == Query(unwanted=Terms(words=query.unwanted.words, phrases=query.unwanted.phrases)):
        raise Invalid("Say what to find, not only what not to.", code="nothing_to_find", field="query")
    return query


def _terms(found: Mapping[str, Sequence[Any]]) -> Terms:
    return Terms(**{name: tuple(dict.fromkeys(items)) for name, items in found.items()})


def _add_term(parts: _Parts, match: re.Match[str]) -> None:
    excluded, name, value, at = match["minus"] is not None, match["name"], match["value"], match.start("value")
    if value.startswith('"') and (len(value) == 1 or not value.endswith('"')):
        _refuse("A quotation mark is never closed:", at, code="unclosed_phrase")
    if name is not None:
        _add_filter(parts, name.lower(), value.strip('"').strip(), match.start(), excluded=excluded)
    else:
        _add_text(parts, value, excluded=excluded)


def _add_text(parts: _Parts, value: str, *, excluded: bool) -> None:
    """Add a word or a phrase; one of no words, such as ``&``, is nothing. To exclude, a compound is as good as a phrase."""
    words, quoted = tuple(words_of(value)), value.startswith('"')
    if len(words) == 1 and not quoted:
        parts.add("words", words[0], excluded=excluded)
    elif words:
        parts.add("phrases" if quoted or excluded else "compounds", words, excluded=excluded)


def _add_filter(parts: _Parts, name: str, value: str, place: int, *, excluded: bool) -> None:
    if not value:
        _refuse(f"{name}: has no value", place, code="empty_filter")
    match name:
        case "from":
            parts.add("people", value if region_of(value) else value.removeprefix("@").lower(), excluded=excluded)
        case "in":
            parts.add("groups", value, excluded=excluded)
        case "kind":
            parts.add("kinds", _kind(value, place), excluded=excluded)
        case _:
            _add_time(parts, name, _day_ms(value, place), place, excluded=excluded)


def _add_time(parts: _Parts, name: str, ms: int, place: int, *, excluded: bool) -> None:
    if excluded:
        _refuse("A time cannot be excluded; ask for the other side of it", place, code="excluded_time")
    if name == "after":
        parts.from_ms = ms if parts.from_ms is None else max(ms, parts.from_ms)
    else:
        parts.until_ms = ms if parts.until_ms is None else min(ms, parts.until_ms)


def _kind(value: str, place: int) -> Kind:
    try:
        return Kind(value.lower())
    except ValueError:
        _refuse(f"A kind is one of {', '.join(Kind)}; another is asked for", place, code="unknown_kind")


def _day_ms(value: str, place: int) -> int:
    """Return when a day begins, by UTC."""
    match = _DAY.fullmatch(value)
    year, month, day = map(int, match.groups()) if match else (0, 0, 0)
    if year < _YEAR_MIN or not 1 <= month <= 12 or not 1 <= day <= calendar.monthrange(year, month)[1]:
        _refuse("A day is written as 2026-01-31; another text stands", place, code="malformed_day")
    return calendar.timegm((year, month, day, 0, 0, 0)) * 1000


def _refuse(message: str, place: int, *, code: str) -> NoReturn:
    raise Invalid(f"{message} at character {place + 1}.", code=code, field="query")
