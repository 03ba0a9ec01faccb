"""Months and allowances."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.awards import month_of
from services.chassis.envelope import TIME_MS_MAX
from services.chassis.errors import Exhausted
from services.recognition.domain.allowances import require_allowance

MIDNIGHT_MS = int(datetime(2026, 12, 1, tzinfo=UTC).timestamp() * 1000)


def test_a_month_ends_at_midnight_in_utc() -> None:
    assert (month_of(MIDNIGHT_MS - 1), month_of(MIDNIGHT_MS)) == (202611, 202612)


@given(st.integers(0, TIME_MS_MAX - 1))
def test_every_time_that_an_event_may_tell_has_a_month(at_ms: int) -> None:
    year, month = divmod(month_of(at_ms), 100)
    assert 1970 <= year <= 9999
    assert 1 <= month <= 12


def test_an_allowance_of_none_is_never_spent() -> None:
    require_allowance(1_000_000, 0)
    require_allowance(2, 3)
    with pytest.raises(Exhausted):
        require_allowance(3, 3)
