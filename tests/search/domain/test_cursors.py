"""A cursor says what has been shown, fits its own query alone, and is nothing that can be made up."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.errors import Invalid
from services.search.domain.cursors import RESULTS_MAX, Cursor, read_cursor

SEQUENCES = st.integers(1, 2**62)
SHOWN = st.lists(SEQUENCES, min_size=1, max_size=60, unique=True)


def written(sequence: int, *shown: int, query: str = "query") -> str:
    """Return the cursor behind the last of what was shown."""
    return list(Cursor("epoch-1", sequence, shown[:-1]).write_behind(shown[-1:], query))[-1]


@given(st.integers(0, 2**62), SHOWN, SHOWN, st.text())
def test_behind_each_hit_all_is_read_back_that_was_shown(
    sequence: int, shown: list[int], more: list[int], query: str
) -> None:
    cursor = Cursor("epoch-1", sequence, tuple(shown))
    for number, text in enumerate(cursor.write_behind(more, query), start=1):
        assert read_cursor(text, query, epoch="epoch-1") == replace(cursor, shown=(*shown, *more[:number]))
    assert number == len(more)


def test_the_longest_is_short() -> None:
    assert len(written(10**7, *range(10**7, 10**7 + RESULTS_MAX))) < 2_800


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "malformed_cursor"),
        ("epoch-1:", "malformed_cursor"),
        ("epoch-1:!!!!", "malformed_cursor"),
        ("epoch-1:AAAA", "malformed_cursor"),
        ("epoch-1:7", "malformed_cursor"),
        ("epoch-1:" + "A" * 9_000, "malformed_cursor"),
        ("epoch-2:AAAA", "expired_cursor"),
        (written(7, 3, query="other"), "cursor_of_another_query"),
        (written(7, 3)[:-2], "malformed_cursor"),
        (written(2**64, 3), "malformed_cursor"),
        (written(7, 3, 2**64), "malformed_cursor"),
        (written(7, *range(RESULTS_MAX + 1)), "malformed_cursor"),
        (written(7, 300)[:-2], "malformed_cursor"),
    ],
)
def test_what_is_no_cursor_of_this_query_is_refused(text: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_cursor(text, "query", epoch="epoch-1")
    assert (refused.value.code, refused.value.field) == (code, "after")


@given(st.text(max_size=80))
def test_whatever_is_sent_is_a_cursor_or_refused(text: str) -> None:
    for sent in (text, f"epoch-1:{text}"):
        with suppress(Invalid):
            assert read_cursor(sent, "query", epoch="epoch-1").shown
