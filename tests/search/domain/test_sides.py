"""The words of the two sides are never taken for one another, not even with a typo."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.search.domain.sides import EVERYBODY, Side, side_of
from services.search.domain.typos import within_one_typo
from services.search.domain.words import words_of

WORDS = st.text(alphabet="abåé中1", max_size=6)


@pytest.mark.parametrize(
    ("words", "marked"), [("", ""), ("bus", "++bus"), ("green bus", "++green ++bus"), ("東 京", "++東 ++京")]
)
def test_each_word_is_marked(words: str, marked: str) -> None:
    assert Side.OUTSIDE.mark(words) == marked
    assert Side.INSIDE.mark(words) == marked.replace("+", "-")


@given(WORDS, WORDS)
def test_no_typo_leads_from_a_word_of_one_side_to_one_of_the_other(outside: str, inside: str) -> None:
    assert not within_one_typo(f"{Side.OUTSIDE}{outside}", f"{Side.INSIDE}{inside}")


@given(st.text())
def test_no_word_of_a_text_has_a_mark(text: str) -> None:
    assert not any(word.startswith(tuple(Side)) for word in words_of(text))


def test_what_is_for_everybody_stands_outside_and_what_is_for_a_group_inside() -> None:
    assert side_of(EVERYBODY) is Side.OUTSIDE
    assert side_of("group:stockholm_1:0") is Side.INSIDE
