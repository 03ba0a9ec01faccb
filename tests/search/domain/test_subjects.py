"""What can be asked of who knows it."""

from __future__ import annotations

import pytest

from services.chassis.errors import Invalid
from services.search.domain.query import TERMS_MAX
from services.search.domain.subjects import ABOUT_CHARACTERS_MAX, EXPERTS_MAX, parse_about, parse_experts


def test_a_subject_is_words_and_none_of_it_is_syntax() -> None:
    query = parse_about(' -Hops from:anna "dry e-mail hops')
    assert query.wanted.words == ("hops", "dry")
    assert query.wanted.compounds == (("from", "anna"), ("e", "mail"))
    assert query.any_word
    assert (query.wanted.people, query.wanted.phrases, query.unwanted.words) == ((), (), ())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        ("  ", "empty"),
        ("?! &", "nothing_to_find"),
        ("a" * (ABOUT_CHARACTERS_MAX + 1), "too_long"),
        ("two\nlines", "control_characters"),
        (" ".join(f"w{number}" for number in range(TERMS_MAX + 1)), "too_many_terms"),
    ],
)
def test_what_is_no_subject_is_refused(text: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_about(text)
    assert (refused.value.code, refused.value.field) == (code, "about")


def test_five_are_found_unless_more_or_fewer_are_wanted() -> None:
    assert [parse_experts(first) for first in (0, 1, EXPERTS_MAX)] == [5, 1, EXPERTS_MAX]
    with pytest.raises(Invalid) as refused:
        parse_experts(EXPERTS_MAX + 1)
    assert (refused.value.code, refused.value.field) == ("page_size", "first")
