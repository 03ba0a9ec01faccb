"""JSON comes in and goes out whatever is in it."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.wire import dumps, loads, parse_asked
from services.chassis.errors import Invalid

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec=None)), inner),
)


@given(VALUES)
def test_what_goes_out_is_what_comes_in(value: Any) -> None:
    sent = dumps(value)
    assert loads(sent) == json.loads(json.dumps(value))
    sent.decode()


@pytest.mark.parametrize("number", [2**64, -(2**63) - 1, 10**40])
def test_an_integer_beyond_64_bits_is_the_nearest_float(number: int) -> None:
    read = loads(dumps(number))
    assert isinstance(read, float)
    assert read == float(number)


@given(st.binary(max_size=50))
def test_bytes_are_json_or_refused(data: bytes) -> None:
    with suppress(Invalid):
        loads(data)


def test_lone_surrogates_come_in_so_that_their_field_can_be_named() -> None:
    asked = parse_asked(loads(b'{"query": "{a}", "variables": {"body": "\\ud800"}}'))
    assert asked.variables == {"body": "\ud800"}


@pytest.mark.parametrize("name", [None, ""])
def test_an_empty_operation_name_is_none(name: str | None) -> None:
    assert parse_asked({"query": "{ a }", "operationName": name}).operation_name is None
