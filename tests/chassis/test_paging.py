"""Any page and any cursor is one that a list can be read by, or Invalid."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis import limits
from services.chassis.errors import Invalid
from services.chassis.eventlog.port import Position
from services.chassis.paging import PageRequest, parse_cursor, parse_page

Parsed = TypeVar("Parsed")
EPOCH = "01JD3"
CURSORS = (
    st.text() | st.from_regex(r"[A-Za-z0-9_-]*:-?[0-9]*", fullmatch=True) | st.just(f"{EPOCH}:9223372036854775808")
)


def outcome(parse: Callable[[], Parsed]) -> Parsed | Invalid:
    try:
        return parse()
    except Invalid as error:
        return error


def test_no_number_of_items_is_the_default_number() -> None:
    assert parse_page(first=0, after="", epoch=EPOCH) == PageRequest(limits.PAGE_ITEMS_DEFAULT, None)


@pytest.mark.parametrize("first", [1, limits.PAGE_ITEMS_MAX])
def test_a_page_has_as_many_items_as_are_asked_for(first: int) -> None:
    assert parse_page(first=first, after=f"{EPOCH}:0", epoch=EPOCH) == PageRequest(first, 0)


@pytest.mark.parametrize("first", [-1, limits.PAGE_ITEMS_MAX + 1, 2**31, -(2**31)])
def test_a_page_of_another_size_is_refused(first: int) -> None:
    with pytest.raises(Invalid) as caught:
        parse_page(first=first, after="", epoch=EPOCH)
    assert (caught.value.code, caught.value.field) == ("page_size", "first")


def test_a_cursor_of_an_earlier_log_is_told_apart() -> None:
    with pytest.raises(Invalid) as caught:
        parse_page(first=1, after="earlier:5", epoch=EPOCH)
    assert (caught.value.code, caught.value.field) == ("expired_cursor", "after")


@given(st.integers(0, 2**63 - 1))
def test_a_position_is_a_cursor(sequence: int) -> None:
    assert parse_cursor(str(Position(EPOCH, sequence)), epoch=EPOCH) == sequence


@given(CURSORS)
def test_any_string_gives_a_sequence_that_a_row_can_have_or_is_refused(cursor: str) -> None:
    end = outcome(lambda: parse_cursor(cursor, epoch=EPOCH))

    if isinstance(end, Invalid):
        assert end.code in ("malformed_cursor", "expired_cursor")
        assert end.field == "after"
    else:
        assert 0 <= end < 2**63


@given(st.integers(-(2**31), 2**31 - 1), CURSORS)
def test_any_page_is_bounded_or_refused(first: int, after: str) -> None:
    end = outcome(lambda: parse_page(first=first, after=after, epoch=EPOCH))

    if isinstance(end, Invalid):
        assert end.field in ("first", "after")
    else:
        assert 1 <= end.first <= limits.PAGE_ITEMS_MAX
