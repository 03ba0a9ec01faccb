"""What a handle may be, and how a wish becomes one."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.profile.domain.handles import HANDLE_CHARACTERS_MAX, first_free, is_handle, slug

HANDLES = st.from_regex(r"[a-z0-9]{1,20}([._-][a-z0-9]{1,10}){0,3}", fullmatch=True).filter(is_handle)


@pytest.mark.parametrize("text", ["an", "anna.berg", "a_b-c.d", "7of9", "a" * 32])
def test_a_handle_is_short_and_plain(text: str) -> None:
    assert is_handle(text)


@pytest.mark.parametrize(
    "text", ["", "a", "a" * 33, "Anna", "åsa", ".anna", "anna-", "an..na", "an na", "anna\n", "٣٤", "anna@berg"]
)
def test_all_else_is_no_handle(text: str) -> None:
    assert not is_handle(text)


@pytest.mark.parametrize(
    ("wish", "handle"),
    [
        ("anna.berg", "anna.berg"),
        ("Åsa Öberg", "asa-oberg"),
        ("Anna@example.test", "anna"),
        ("@anna", "person"),
        ("李明", "person"),
        ("x", "person"),
        ("", "person"),
        ("  --Anna--  ", "anna"),
        ("A" * 31 + " b", "a" * 31),
    ],
)
def test_a_wish_becomes_the_nearest_handle(wish: str, handle: str) -> None:
    assert slug(wish) == handle


@given(st.text(max_size=80))
@example("\ufdfa" * 1_000)
def test_whatever_is_wished_for_becomes_a_handle(wish: str) -> None:
    assert is_handle(slug(wish))


@given(HANDLES)
def test_a_handle_that_is_free_is_given_as_it_is(handle: str) -> None:
    assert first_free(handle, lambda _: False) == handle


@given(HANDLES, st.sets(st.integers(2, 40)))
@example("a" * HANDLE_CHARACTERS_MAX, set(range(2, 41)))
@example("anna", {2, 4, 5, 6, 8, 16})
def test_what_is_given_is_free_and_a_handle_also_where_numbers_have_gaps(handle: str, numbers: set[int]) -> None:
    taken = {handle} | {f"{handle[: HANDLE_CHARACTERS_MAX - len(f'-{n}')].rstrip('._-')}-{n}" for n in numbers}

    given = first_free(handle, taken.__contains__)

    assert given not in taken
    assert is_handle(given)


def test_without_gaps_the_next_number_is_given_after_few_looks() -> None:
    taken = {"anna"} | {f"anna-{n}" for n in range(2, 1_001)}
    looks: list[str] = []

    def is_taken(handle: str) -> bool:
        looks.append(handle)
        return handle in taken

    assert first_free("anna", is_taken) == "anna-1001"
    assert len(looks) <= 25
