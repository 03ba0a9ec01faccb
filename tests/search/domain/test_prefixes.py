"""What has been typed so far says what it may be the beginning of."""

from __future__ import annotations

import pytest

from services.chassis.errors import Invalid
from services.search.domain.prefixes import (
    PREFIX_CHARACTERS_MAX,
    SUGGESTIONS_DEFAULT,
    SUGGESTIONS_MAX,
    Beginning,
    parse_prefix,
    parse_suggestions,
)


@pytest.mark.parametrize(
    ("text", "beginning"),
    [
        ("Åsa ö", Beginning(("asa", "o"), "åsa ö", people=True, others=True, topics=False)),
        ("vpn", Beginning(("vpn",), "vpn", people=True, others=True, topics=True)),
        ("@ma", Beginning(("ma",), "ma", people=True, others=False, topics=False)),
        ("@bo b@Tok", Beginning(("bo", "b", "@tok"), "bo b@tok", people=True, others=False, topics=False)),
        ("@bo@", Beginning(("bo",), "bo@", people=True, others=False, topics=False)),
        ("#VPN", Beginning(("vpn",), "vpn", people=False, others=False, topics=True)),
    ],
)
def test_a_sign_says_of_what_it_is_the_beginning(text: str, beginning: Beginning) -> None:
    assert parse_prefix(text) == beginning


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        ("@", "nothing_to_find"),
        ("@@tokyo", "nothing_to_find"),
        ("!", "nothing_to_find"),
        ("a" * (PREFIX_CHARACTERS_MAX + 1), "too_long"),
    ],
)
def test_what_begins_nothing_is_refused(text: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_prefix(text)
    assert (refused.value.code, refused.value.field) == (code, "prefix")


def test_how_many_are_asked_for_is_bounded() -> None:
    assert parse_suggestions(0) == SUGGESTIONS_DEFAULT
    assert parse_suggestions(SUGGESTIONS_MAX) == SUGGESTIONS_MAX
    with pytest.raises(Invalid) as refused:
        parse_suggestions(SUGGESTIONS_MAX + 1)
    assert refused.value.code == "page_size"
