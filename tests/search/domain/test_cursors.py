"""A cursor says what has been shown, fits its own query alone, and is nothing that can be made up."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.errors import Invalid
from services.search.domain.cursors import RESULTS_MAX, Cursor, read_cursor

SEQUENCES = st.integers(1, 2**62)
SHOWN = st.lists(SEQUENCES, min_size=1, max_size=60, unique=True)


@given(st.integers(0, 2**62), SHOWN, st.text())
def test_what_is_written_is_read_back(sequence: int, shown: list[int], query: str) -> None:
    cursor = Cursor("epoch-1", sequence)
    for number in shown:
        cursor = cursor.also(number)
    assert read_cursor(cursor.write(query), query, epoch="epoch-1") == cursor
    assert cursor.shown == tuple(sorted(shown))


def test_the_longest_is_short() -> None:
    cursor = Cursor("epoch-1", 10**7, tuple(range(0, 10**7, 10**7 // RESULTS_MAX))[:RESULTS_MAX])
    assert len(cursor.write("query")) < 2_200


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
        (Cursor("epoch-1", 7, (3,)).write("other"), "cursor_of_another_query"),
        (Cursor("epoch-1", 7).write("query"), "malformed_cursor"),
        (Cursor("epoch-1", 2**64, (3,)).write("query"), "malformed_cursor"),
        (Cursor("epoch-1", 7, (3, 2**64)).write("query"), "malformed_cursor"),
        (Cursor("epoch-1", 7, tuple(range(RESULTS_MAX + 1))).write("query"), "malformed_cursor"),
        (Cursor("epoch-1", 7, (300,)).write("query")[:-2], "malformed_cursor"),
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
