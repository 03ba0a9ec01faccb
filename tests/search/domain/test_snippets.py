"""A snippet is a part of the text, told apart into what matched and what did not."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.search.domain.snippets import SNIPPET_CHARACTERS_MAX, Part, snippet_of
from services.search.domain.words import words_of, words_where

LONG = "word " * 200


def marked(text: str, *words: str) -> str:
    return "".join(
        f"[{part.text}]" if part.matched else part.text for part in snippet_of(text, set(words).__contains__)
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("A bus, the Bus!", "A [bus], the [Bus]!"),
        ("bus\n\n bus", "[bus] [bus]"),
        ("nothing", "nothing"),
        ("", ""),
        ("<b>bus</b> & <script>", "<b>[bus]</b> & <script>"),
    ],
)
def test_matches_are_told_apart(text: str, shown: str) -> None:
    assert marked(text, "bus") == shown


def test_of_a_long_text_the_part_with_most_of_what_was_asked_for_is_shown() -> None:
    text = f"{LONG}first {LONG}then the first bus to town {LONG}bus"
    shown = marked(text, "first", "bus", "town")
    assert "the [first] [bus] to [town]" in shown
    assert shown.startswith("…word")
    assert shown.endswith("word…")


def test_without_a_match_it_is_the_beginning() -> None:
    assert marked(f"Dear all, {LONG}").startswith("Dear all, word")


@given(st.text(max_size=900), st.sets(st.sampled_from("abcde")))
def test_whatever_the_text_is_the_parts_are_of_it_and_short(text: str, letters: set[str]) -> None:
    parts = snippet_of(text, lambda word: word[0] in letters)
    plain = re.sub(r"\s+", " ", text).strip()
    shown = "".join(part.text for part in parts)
    inner = shown.removeprefix("…").removesuffix("…") if len(plain) > SNIPPET_CHARACTERS_MAX else shown
    assert inner in plain
    assert len(shown) <= SNIPPET_CHARACTERS_MAX + 2
    assert all(part.text for part in parts)
    for part in parts:
        if part.matched:
            assert [word[0] in letters for word in words_of(part.text)] == [True]
    matched = words_where(plain, lambda word: word[0] in letters)
    if any(word.end - word.start < SNIPPET_CHARACTERS_MAX // 2 for word in matched):
        assert any(part.matched for part in parts)


def test_a_text_of_matches_alone_takes_no_longer() -> None:
    assert snippet_of("bus " * 5_000, "bus".__eq__)[0] == Part("bus", True)
