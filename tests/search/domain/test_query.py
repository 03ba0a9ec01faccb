"""What people type is parsed into what they ask for, or refused with the place where it is wrong."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.errors import Invalid
from services.search.domain.query import QUERY_CHARACTERS_MAX, TERMS_MAX, Kind, Query, Terms, parse_query
from services.search.domain.words import words_of

DAY_MS = 24 * 3600 * 1000


def wanted(**fields: Any) -> Query:
    return Query(wanted=Terms(**fields))


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("Budget meeting", wanted(words=("budget", "meeting"))),
        ("budget budget Budget", wanted(words=("budget",))),
        ('"Two words" one', wanted(words=("one",), phrases=(("two", "words"),))),
        ('"exact"', wanted(phrases=(("exact",),))),
        ("e-mail http://a.b", wanted(compounds=(("e", "mail"), ("http", "a", "b")))),
        ("東京", wanted(compounds=(("東", "京"),))),
        ("-e-mail a", Query(Terms(words=("a",)), Terms(phrases=(("e", "mail"),)))),
        ("note: this", wanted(words=("note", "this"))),
        ("std::vector", wanted(compounds=(("std", "vector"),))),
        ("from:Anna from:@bo@tokyo", wanted(people=("anna", "bo@tokyo"))),
        ("from:@john_smith from:John_Smith@Tokyo", wanted(people=("john_smith", "john_smith@tokyo"))),
        ("From:anna KIND:post -In:chess", Query(Terms(people=("anna",), kinds=(Kind.POST,)), Terms(groups=("chess",)))),
        ('in:"Chess club" in:chess', wanted(groups=("Chess club", "chess"))),
        ("kind:Question kind:answer", wanted(kinds=(Kind.QUESTION, Kind.ANSWER))),
        ("after:1970-01-02 before:1970-01-04", Query(from_ms=DAY_MS, until_ms=3 * DAY_MS)),
        ("after:1970-01-02 after:1970-01-03 before:1970-01-09", Query(from_ms=2 * DAY_MS, until_ms=8 * DAY_MS)),
        ("before:1970-01-09 before:1970-01-08", Query(until_ms=7 * DAY_MS)),
        ("a & -b -\"c d\"", Query(Terms(words=("a",)), Terms(words=("b",), phrases=(("c", "d"),)))),
        ("-from:bo -kind:post", Query(unwanted=Terms(people=("bo",), kinds=(Kind.POST,)))),
        ('one"two three"', wanted(words=("one",), phrases=(("two", "three"),))),
        ("from:stockholm_01HF7YAT00YPRPA8JAB2VS3WER", wanted(people=("stockholm_01HF7YAT00YPRPA8JAB2VS3WER",))),
    ],
)  # fmt: skip
def test_what_is_typed_is_what_is_asked_for(text: str, query: Query) -> None:
    assert parse_query(text) == query


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ('one "two', "unclosed_phrase", 5),
        ('"', "unclosed_phrase", 1),
        ('in:"chess', "unclosed_phrase", 4),
        ("a from:", "empty_filter", 3),
        ('in:""', "empty_filter", 1),
        ("in: chess", "empty_filter", 1),
        ("a kind:thing", "unknown_kind", 3),
        ("before:yesterday", "malformed_day", 1),
        ("before:2026-02-30", "malformed_day", 1),
        ("before:0001-01-01", "malformed_day", 1),
        ("after:２０２６-01-01", "malformed_day", 1),
        ("a -after:2026-01-01", "excluded_time", 3),
        (" ".join("abcdefghijklmnopqrstuvwxyz0123456"), "too_many_terms", 2 * TERMS_MAX + 1),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text: str, code: str, place: int) -> None:
    with pytest.raises(Invalid, match=rf"at character {place}\.$") as refused:
        parse_query(text)
    assert (refused.value.code, refused.value.field) == (code, "query")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        ("  ", "empty"),
        ("-a", "nothing_to_find"),
        ('-a -"b c"', "nothing_to_find"),
        ("&", "nothing_to_find"),
        ("\x00", "control_characters"),
        ("a" * (QUERY_CHARACTERS_MAX + 1), "too_long"),
    ],
)
def test_what_asks_for_nothing_is_refused(text: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_query(text)
    assert (refused.value.code, refused.value.field) == (code, "query")


PIECES = st.sampled_from(
    ["from:", "in:", "kind:post", "kind:", "before:2026-01-31", "after:", '"', "-", " ", " ", "åsa", "b"]
)
TYPED = st.lists(PIECES | st.text(max_size=6), max_size=20).map("".join)


def parsed(text: str) -> Query | Invalid:
    try:
        return parse_query(text)
    except Invalid as error:
        return error


@given(TYPED)
def test_whatever_is_typed_is_parsed_or_refused_at_a_place_within_it(text: str) -> None:
    query = parsed(text)
    if isinstance(query, Invalid):
        place = re.search(r"at character (\d+)", query.message)
        assert place is None or 1 <= int(place[1]) <= len(text)
        assert query.field == "query"
        return
    words = set(words_of(text))
    for terms in (query.wanted, query.unwanted):
        assert {word for phrase in (terms.words, *terms.compounds, *terms.phrases) for word in phrase} <= words
        assert all((*terms.compounds, *terms.phrases))


WORDS = st.text(alphabet="abcåö", min_size=1, max_size=5)
PHRASES = st.lists(WORDS, min_size=2, max_size=3).map(tuple)
TERMS = st.builds(
    Terms,
    words=st.lists(WORDS, max_size=2, unique=True).map(tuple),
    phrases=st.lists(PHRASES, max_size=2, unique=True).map(tuple),
    people=st.lists(WORDS, max_size=2, unique=True).map(tuple),
    groups=st.lists(WORDS, max_size=2, unique=True).map(tuple),
    kinds=st.lists(st.sampled_from(Kind), max_size=2, unique=True).map(tuple),
)


def written(terms: Terms, sign: str) -> list[str]:
    return [
        *(f"{sign}{word}" for word in terms.words),
        *(f'{sign}"{" ".join(phrase)}"' for phrase in terms.phrases),
        *(f"{sign}from:{name}" for name in terms.people),
        *(f'{sign}in:"{name}"' for name in terms.groups),
        *(f"{sign}kind:{kind}" for kind in terms.kinds),
    ]


@given(TERMS.filter(lambda terms: terms != Terms()), TERMS)
def test_what_is_written_out_is_read_back(positive: Terms, negative: Terms) -> None:
    text = " ".join(written(positive, "") + written(negative, "-"))
    assert parse_query(text) == Query(positive, negative)
