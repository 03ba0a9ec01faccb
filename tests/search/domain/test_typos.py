"""One typo is a letter wrong, missing, too many, or two neighbours swapped."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.search.domain.typos import within_one_typo

WORDS = st.text(alphabet="abc", max_size=6)


def reference(one: str, other: str) -> bool:
    """Make every typo there is of one word, and look whether the other is among them."""
    letters = "abc"
    made = {one}
    for place in range(len(one) + 1):
        before, after = one[:place], one[place:]
        made |= {before + letter + after for letter in letters}
        if after:
            made |= {before + after[1:]} | {before + letter + after[1:] for letter in letters}
        if len(after) > 1:
            made.add(before + after[1] + after[0] + after[2:])
    return other in made


@given(WORDS, WORDS)
def test_it_is_what_one_typo_makes(one: str, other: str) -> None:
    assert within_one_typo(one, other) == within_one_typo(other, one) == reference(one, other)


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [("budget", "bugdet", True), ("budget", "budgt", True), ("budget", "bugdte", False), ("köp", "köpa", True)],
)
def test_words_of_people(one: str, other: str, near: bool) -> None:
    assert within_one_typo(one, other) == near
