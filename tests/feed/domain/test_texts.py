"""What people may write."""

from __future__ import annotations

import unicodedata
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.errors import Invalid
from services.chassis.text import parse_text
from services.feed.domain.texts import parse_comment_body, parse_post_body

BOUNDS = pytest.mark.parametrize(
    ("parse", "bound"),
    [(parse_post_body, 20_000), (parse_comment_body, 8_000), (partial(parse_comment_body, answer=True), 20_000)],
)


@BOUNDS
@pytest.mark.parametrize("character", ["a", "å", "𝄞", "👍"])
def test_a_text_may_be_as_long_as_its_bound_in_code_points(parse: type, bound: int, character: str) -> None:
    assert parse(character * bound) == character * bound
    with pytest.raises(Invalid) as refused:
        parse(character * (bound + 1))
    assert (refused.value.code, refused.value.field) == ("too_long", "body")


@BOUNDS
@pytest.mark.parametrize("parts", ["o\u0308", "\u03b1\u0313\u0300\u0345", "\u1112\u1161\u11ab"])
def test_what_counts_is_the_composed_form(parse: type, bound: int, parts: str) -> None:
    composed = unicodedata.normalize("NFC", parts)

    assert parse(parts * bound) == composed * bound
    with pytest.raises(Invalid):
        parse(parts * (bound + 1))


@pytest.mark.parametrize("text", ["", " ", "\n\t \r\n", "\u00a0\u2003\u3000"])
def test_white_space_alone_is_empty(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_post_body(text)
    assert (refused.value.code, refused.value.field) == ("empty", "body")


@pytest.mark.parametrize("sign", ["\x00", "\x07", "\x1b", "\x7f", "\x85", "\ud800", "\ude00\ud83d"])
def test_what_is_no_text_is_refused(sign: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_post_body(f"before {sign} after")
    assert (refused.value.code, refused.value.field) == ("control_characters", "body")


def test_lines_tabs_and_white_space_at_the_ends_are_kept() -> None:
    assert parse_post_body("  a\r\n\tb\rc\n") == "  a\n\tb\nc\n"


@given(st.text(st.characters(), max_size=200), st.booleans(), st.booleans())
def test_a_text_once_parsed_is_parsed_already(text: str, required: bool, lines: bool) -> None:
    def parse(text: str) -> str:
        return parse_text(text, field="body", characters_max=100, required=required, lines=lines)

    try:
        parsed = parse(text)
    except Invalid:
        return
    assert parse(parsed) == parsed
    assert len(parsed) <= 100
    parsed.encode()


@given(st.text(st.characters(), max_size=200), st.booleans())
def test_what_is_refused_is_refused_by_field_and_code(text: str, lines: bool) -> None:
    try:
        parse_text(text, field="body", characters_max=100, lines=lines)
    except Invalid as error:
        refused = (error.field, error.code)
    else:
        return
    assert refused in {("body", code) for code in ("empty", "too_long", "too_many_marks", "control_characters")}
