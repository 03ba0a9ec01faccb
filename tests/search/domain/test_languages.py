"""A text's language is told by its function words."""

from __future__ import annotations

import pytest

from services.search.domain.languages import FUNCTION_WORDS, language_of
from services.search.domain.words import words_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("We have moved the meeting to the room on the second floor.", "english"),
        ("Vi har flyttat mötet till rummet på andra våningen.", "swedish"),
        ("Nous avons déplacé la réunion dans la salle du deuxième étage.", "french"),
        ("Budget 2026", ""),
        ("", ""),
        ("東京", ""),
    ],
)
def test_a_sentence_tells_its_language(text: str, language: str) -> None:
    assert language_of(words_of(text)) == language


def test_a_text_in_two_languages_is_in_the_one_that_it_uses_more() -> None:
    mixed = "Vi sågs om det här i går och det var bra: the roadmap is fine."
    assert language_of(words_of(mixed)) == "swedish"


def test_function_words_are_written_as_texts_are_read() -> None:
    for words in FUNCTION_WORDS.values():
        assert {word for known in words for word in words_of(known)} == words
