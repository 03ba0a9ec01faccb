"""What a profile may hold."""

from __future__ import annotations

import pytest

from services.chassis.errors import Invalid
from services.profile.domain.profiles import nearest_name, parse_about, parse_name, parse_title


def test_a_name_is_one_line_of_at_most_100_characters() -> None:
    assert parse_name("  Åsa Öberg ") == "Åsa Öberg"
    assert parse_name("å" * 100) == "å" * 100
    for name in ("", " \t", "å" * 101, "Åsa\nÖberg", "Åsa\x1b[31m"):
        with pytest.raises(Invalid) as refused:
            parse_name(name)
        assert refused.value.field == "name"


def test_the_nearest_name_is_cut_where_it_is_too_long_once_it_is_composed() -> None:
    assert nearest_name(" " * 120 + "Zoe\u0308 ") == "Zoë"
    assert nearest_name("o\u0308" * 120) == "ö" * 100
    assert nearest_name("\ufb2c" * 100) == nearest_name("\ufb2c" * 34)


def test_a_title_may_be_empty_and_is_one_line_of_at_most_200_characters() -> None:
    assert parse_title("  ") == ""
    assert parse_title("t" * 200) == "t" * 200
    for title in ("t" * 201, "Head of\nthings"):
        with pytest.raises(Invalid) as refused:
            parse_title(title)
        assert refused.value.field == "title"


def test_what_a_person_tells_may_have_lines_and_at_most_10_000_characters() -> None:
    assert parse_about("one\r\ntwo\rthree") == "one\ntwo\nthree"
    assert parse_about("a" * 10_000) == "a" * 10_000
    for about in ("a" * 10_001, "\x00"):
        with pytest.raises(Invalid) as refused:
            parse_about(about)
        assert refused.value.field == "about"
