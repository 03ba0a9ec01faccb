"""Ids say whose thing it is, are new where they must be and the same where they must be."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.clock import ManualClock
from services.chassis.errors import Invalid
from services.chassis.ids import ID_LENGTH_MAX, Entropy, Ids, derive, is_region, parse, region_of

REGIONS = st.from_regex(r"[a-z]([a-z0-9-]{0,30}[a-z0-9])?", fullmatch=True)


def test_a_new_id_is_its_region_and_a_ulid(clock: ManualClock, entropy: Entropy) -> None:
    made = Ids("stockholm", clock, entropy).new()

    assert re.fullmatch("stockholm_[0-7][0-9A-HJKMNP-TV-Z]{25}", made)
    assert region_of(made) == "stockholm"


def test_a_ulid_is_encoded_as_its_specification_says() -> None:
    clock = ManualClock(1_469_918_176_385)  # the example of github.com/ulid/spec

    assert Ids("r", clock, lambda count: b"\xff" * count).new() == "r_01ARYZ6S41" + "Z" * 16
    assert Ids("r", clock, bytes).new() == "r_01ARYZ6S41" + "0" * 16


def test_later_ids_sort_later(clock: ManualClock, entropy: Entropy) -> None:
    ids = Ids("stockholm", clock, entropy)
    made = []
    for _ in range(50):
        made.append(ids.new())
        clock.advance(0.001)

    assert made == sorted(made)


def test_ids_of_one_moment_differ(clock: ManualClock) -> None:
    ids = Ids("stockholm", clock)

    assert len({ids.new() for _ in range(1_000)}) == 1_000


def test_a_derived_id_never_changes() -> None:
    """People's ids stand in the log for ever: another literal here would lose everybody who has signed in."""
    assert (
        derive("stockholm", "person", "https://login.example.com", "00u-anna") == "stockholm_3RD4RDHVXKRWHEYJAHYGKAQ34Z"
    )
    assert derive("r") == "r_73P324567W3GA9NYZMS2CPZE94"


def test_a_derived_id_follows_from_every_part(clock: ManualClock) -> None:
    parts = [
        ("a", "b"), ("ab",), ("a", "b", ""), ("", "a", "b"), ("b", "a"), ("a\x00", "b"), ("a", "\x00b"), ("a\x00b",),
        ("a,1:b",), ("1:a,", "b"), ("\u00e4",), ("a\u0308",),
    ]  # fmt: skip
    made = [derive("stockholm", *each) for each in parts]

    assert len(set(made)) == len(parts)
    assert Ids("stockholm", clock).derive("a", "b") == made[0]
    assert derive("tokyo", "a", "b") == made[0].replace("stockholm", "tokyo")


@given(REGIONS, st.lists(st.text()))
def test_every_derived_id_has_the_form_of_an_id(region: str, parts: list[str]) -> None:
    made = derive(region, *parts)

    assert parse(made, field="id") == made
    assert region_of(made) == region
    assert len(made) <= ID_LENGTH_MAX


@given(st.lists(st.text(), max_size=3), st.lists(st.text(), max_size=3))
def test_different_parts_have_different_ids(one: list[str], other: list[str]) -> None:
    assert (derive("r", *one) == derive("r", *other)) == (one == other)


ULID = "0" * 26


@pytest.mark.parametrize(
    "text",
    [
        "",
        "_",
        ULID,
        f"_{ULID}",
        f"Stockholm_{ULID}",
        f"-a_{ULID}",
        f"a-_{ULID}",
        f"1a_{ULID}",
        f"a_b_{ULID}",
        f"{'a' * 33}_{ULID}",
        f"a_{ULID[1:]}",
        f"a_{ULID}0",
        f"a_8{ULID[1:]}",
        f"a_{ULID[1:]}I",
        f"a_{ULID[1:]}a",
        f"a_{ULID}\n",
        f" a_{ULID}",
        f"ä_{ULID}",
    ],
)
def test_what_is_no_id_is_refused_with_its_field(text: str) -> None:
    assert region_of(text) == ""
    with pytest.raises(Invalid) as caught:
        parse(text, field="post_id")
    assert (caught.value.code, caught.value.field) == ("malformed_id", "post_id")


@given(st.text())
def test_any_text_is_an_id_or_none(text: str) -> None:
    assert bool(region_of(text)) == (re.fullmatch("[a-z0-9-]+_[0-9A-Z]{26}", text) is not None)


@pytest.mark.parametrize(
    ("name", "holds"),
    [
        ("a", True),
        ("stockholm", True),
        ("new-york-2", True),
        ("a" * 32, True),
        ("a" * 33, False),
        ("", False),
        ("-a", False),
        ("a-", False),
        ("2a", False),
        ("a.b", False),
        ("a_b", False),
        ("A", False),
        ("a\n", False),
        ("å", False),
    ],
)
def test_a_region_is_a_short_dns_label(name: str, holds: bool) -> None:
    assert is_region(name) == holds
