"""Facts about the words that texts are searched for by."""

from __future__ import annotations

from itertools import combinations

from chaos.words import TEXTS_OF_A_WORD_MAX, word_of, words_in, words_of


def test_a_word_is_shared_by_a_few_texts_of_one_author_and_audience() -> None:
    words = [word_of("anna", number, audience="") for number in range(2 * TEXTS_OF_A_WORD_MAX)]

    assert len(set(words)) == 2
    assert words[0] == words[TEXTS_OF_A_WORD_MAX - 1] != words[TEXTS_OF_A_WORD_MAX]
    assert len({word_of(author, 0, audience=audience) for author in ("anna", "bo") for audience in ("", "us")}) == 4


def test_no_word_is_taken_for_another_mistyped() -> None:
    words = [
        word_of("anna", number, audience="") for number in range(0, 200 * TEXTS_OF_A_WORD_MAX, TEXTS_OF_A_WORD_MAX)
    ]

    for one, other in combinations(words, 2):
        assert sum(a != b for a, b in zip(one, other, strict=True)) > 2


def test_words_are_found_in_whatever_was_written() -> None:
    one, other = word_of("anna", 0, audience=""), word_of("bo", 0, audience="")

    assert words_in(f"anna writes 1 {one} for-us", "nothing here") == {one}
    assert words_of([{"body": one, "title": f"{other}!", "answer": True, "receiverIds": ["x"]}]) == {one, other}
