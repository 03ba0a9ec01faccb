"""A text has the same words wherever it is met."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.search.domain.words import WORD_CHARACTERS_MAX, alike, fold, words_of, words_where


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Where's the VPN-gateway?", ["where", "s", "the", "vpn", "gateway"]),
        ("snake_case and 2x", ["snake", "case", "and", "2x"]),
        ("ÅSA Öberg", ["åsa", "öberg"]),
        ("東京オフィス meeting", ["東", "京", "オ", "フ", "ィ", "ス", "meeting"]),
        ("Donau\u00addampf\u00ad\u00adschiff\u00ad-\u00adfahrt 東\u00ad京", ["donaudampfschiff", "fahrt", "東", "京"]),
        ("…—!? 👍", []),
    ],
)
def test_words_are_runs_of_letters_and_digits(text: str, words: list[str]) -> None:
    assert words_of(text) == words


@given(st.text(st.characters() | st.sampled_from("a\u00ad ")))
def test_words_stand_where_they_say_and_in_order(text: str) -> None:
    end = 0
    words = words_where(text, lambda word: True)
    assert [word.text for word in words] == words_of(text)
    for word in words:
        assert end <= word.start < word.end
        assert text[word.start : word.end].replace("\u00ad", "")[:WORD_CHARACTERS_MAX].lower() == word.text
        end = word.end


def test_of_an_endless_word_the_beginning_counts() -> None:
    assert [len(word) for word in words_of("x" * 10_000)] == [WORD_CHARACTERS_MAX]


@pytest.mark.parametrize(
    ("word", "folded"), [("åsa", "asa"), ("Émile", "emile"), ("straße", "strasse"), ("ＶＰＮ", "vpn")]
)
def test_marks_and_forms_are_folded(word: str, folded: str) -> None:
    assert fold(word) == folded


@given(st.text())
def test_what_was_made_alike_stays_so(text: str) -> None:
    assert alike(alike(text)) == alike(text)
