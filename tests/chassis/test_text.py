"""Text from people is text, of a bounded length, in one form."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.errors import Invalid
from services.chassis.text import parse_text

ANY_TEXT = st.text(st.characters(exclude_categories=()) | st.sampled_from("\u0301\u0345\r\n\t\u2028\ud800\x00"))


def refusal(value: str, *, characters_max: int = 20, lines: bool = True) -> str:
    with pytest.raises(Invalid) as caught:
        parse_text(value, field="body", characters_max=characters_max, lines=lines)
    assert caught.value.field == "body"
    return caught.value.code


@pytest.mark.parametrize(
    ("value", "parsed"),
    [
        ("plain", "plain"),
        ("e\u0301", "é"),
        ("Å", "Å"),
        ("a\r\nb\rc\nd", "a\nb\nc\nd"),
        ("\ta", "\ta"),
        ("  two spaces", "  two spaces"),
        ("👩‍💻 ❤️", "👩‍💻 ❤️"),
        ("a\u2028b", "a\u2028b"),
    ],
)
def test_text_comes_in_one_form(value: str, parsed: str) -> None:
    assert parse_text(value, field="body", characters_max=20) == parsed


@pytest.mark.parametrize("value", ["\x00", "a\x00b", "a\x1bb", "a\x7f", "a\x85b", "\ud800", "a\udfffb"])
@pytest.mark.parametrize("lines", [True, False])
def test_what_is_not_text_is_refused(value: str, lines: bool) -> None:
    assert refusal(value, lines=lines) == "control_characters"


@pytest.mark.parametrize("value", ["a\nb", "a\tb", "a\rb", "a\u2028b", "a\u2029b"])
def test_a_single_line_has_no_line_ends_and_no_tabs(value: str) -> None:
    assert refusal(value, lines=False) == "control_characters"


@pytest.mark.parametrize("value", [" a b ", "\ta b\n", "\u3000a b\u2029"])
def test_a_single_line_has_no_space_at_its_ends(value: str) -> None:
    assert parse_text(value, field="name", characters_max=20, lines=False) == "a b"


@pytest.mark.parametrize("value", ["", " ", "\n\t\r\n", "\u3000\u2003"])
@pytest.mark.parametrize("lines", [True, False])
def test_nothing_but_space_is_empty(value: str, lines: bool) -> None:
    assert refusal(value, lines=lines) == "empty"
    assert parse_text(value, field="body", characters_max=20, required=False, lines=lines) == ""


@pytest.mark.parametrize("value", ["\u200b", " \u200b\n\u200d", "\u202e\u2066", "\ufeff", "\u00ad", "\u3164", "\u2800"])
@pytest.mark.parametrize("lines", [True, False])
def test_what_nobody_sees_is_empty(value: str, lines: bool) -> None:
    assert refusal(value, lines=lines) == "empty"
    assert parse_text(value, field="body", characters_max=20, required=False, lines=lines) == ""


@pytest.mark.parametrize("value", ["a" * 20, "é" * 20, "e\u0301" * 20, "\u03b1\u0313\u0300\u0345" * 20, "a\r\n" * 10])
def test_characters_are_counted_in_the_form_that_is_kept(value: str) -> None:
    assert len(parse_text(value, field="body", characters_max=20)) == 20


@pytest.mark.parametrize("value", ["a" * 21, "é" * 21, "\U0001d160" * 7, "a" * 81, "\u03b1\u0313\u0300\u0345" * 21])
def test_too_long_is_too_long_in_that_form(value: str) -> None:
    assert refusal(value) == "too_long"


def test_the_bound_is_told() -> None:
    with pytest.raises(Invalid, match="longer than 20,000 characters"):
        parse_text("a" * 20_001, field="body", characters_max=20_000)


def test_text_of_every_language_has_room_for_its_marks() -> None:
    for text in ("Tiếng Việt", "עִבְרִית", "བོད་ཡིག", "ตัวอักษรไทย", "한국어", "e" + "\u0301\u0316" * 15):
        assert parse_text(text, field="body", characters_max=100)


def test_a_flood_of_marks_is_refused_before_it_costs_anything() -> None:
    """Normalising takes the square of a row of marks: these would take half a minute."""
    begin = time.process_time()

    assert refusal("a" + "\u0301" * 39_999 + "\u0316" * 40_000, characters_max=20_000) == "too_many_marks"
    assert refusal("a" + "\u0301" * 31) == "too_many_marks"
    assert time.process_time() - begin < 2


@given(ANY_TEXT, st.booleans())
def test_any_text_is_parsed_or_refused(value: str, lines: bool) -> None:
    try:
        parsed = parse_text(value, field="body", characters_max=20, lines=lines)
    except Invalid as error:
        refused_as = error.code
    else:
        refused_as = ""
    if refused_as:
        assert refused_as in ("empty", "too_long", "control_characters", "too_many_marks")
        return
    assert 0 < len(parsed) <= 20
    assert unicodedata.is_normalized("NFC", parsed)
    assert "\r" not in parsed
    parsed.encode()
    assert parse_text(parsed, field="body", characters_max=20, lines=lines) == parsed
