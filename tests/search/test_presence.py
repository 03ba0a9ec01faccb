"""Whether somebody works now, in their own time, and when they do next."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.chassis.working_week import Span
from services.search.presence import UNKNOWN, Presence, presence_of

DAYS: list[Span] = [(day, 9 * 60, 17 * 60) for day in range(1, 6)]
NIGHT: list[Span] = [(5, 22 * 60, 24 * 60), (6, 0, 6 * 60)]
MINUTE_MS = 60_000
WEEK_MINUTES = 7 * 24 * 60


def at(text: str, zone: str = "UTC") -> int:
    """Return a time of a zone's clock in milliseconds since 1970."""
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


@pytest.mark.parametrize(
    ("zone", "week", "now", "expected"),
    [
        ("Asia/Tokyo", DAYS, "2026-11-26T00:00", Presence(True)),  # Thursday, nine in Tokyo
        ("Europe/Stockholm", DAYS, "2026-11-26T00:00", Presence(False, at("2026-11-26T08:00"))),
        ("Asia/Tokyo", DAYS, "2026-11-27T08:00", Presence(False, at("2026-11-30T00:00"))),  # five on Friday: Monday
        ("Europe/Stockholm", NIGHT, "2026-11-27T22:59", Presence(True)),
        ("Europe/Stockholm", NIGHT, "2026-11-27T23:00", Presence(True)),  # midnight, on Saturday's hours
        ("Europe/Stockholm", NIGHT, "2026-11-28T05:00", Presence(False, at("2026-12-04T21:00"))),
        ("Europe/Stockholm", DAYS, "2026-07-27T07:00", Presence(True)),  # summer: nine is an hour earlier
        ("Europe/Stockholm", DAYS, "2026-11-27T07:00", Presence(False, at("2026-11-27T08:00"))),
    ],
)
def test_hours_are_those_of_their_own_clock(zone: str, week: list[Span], now: str, expected: Presence) -> None:
    assert presence_of(zone, week, now_ms=at(now)) == expected


@pytest.mark.parametrize("zone", ["", "Nowhere/At_All", "../etc/passwd", "Europe", "\0", "x" * 100_000])
def test_without_a_zone_that_is_known_nothing_is(zone: str) -> None:
    assert presence_of(zone, DAYS, now_ms=at("2026-11-26T10:00")) == UNKNOWN


def test_without_hours_nothing_is_known() -> None:
    assert presence_of("UTC", [], now_ms=at("2026-11-26T10:00")) == UNKNOWN


def test_work_in_an_hour_that_is_left_out_begins_when_the_clock_has_been_set() -> None:
    week: list[Span] = [(7, 150, 600)]  # Sunday, half past two
    now = at("2026-03-29T00:00", "Europe/Stockholm")
    assert presence_of("Europe/Stockholm", week, now_ms=now) == Presence(
        False, at("2026-03-29T03:00", "Europe/Stockholm")
    )


_SPANS = st.tuples(st.integers(1, 7), st.integers(0, 1439), st.integers(1, 600)).map(
    lambda span: (span[0], span[1], min(span[1] + span[2], 1440))
)


@settings(max_examples=30)
@given(
    st.sampled_from(["Europe/Stockholm", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Apia"]),
    st.lists(_SPANS, min_size=1, max_size=2).map(sorted),
    st.sampled_from(
        ["2026-03-28T12:00", "2026-10-24T12:00", "2026-04-04T02:00", "2011-12-29T06:00", "2026-06-01T00:00"]
    ),
    st.integers(0, 48 * 60),
)
def test_what_comes_next_is_the_first_minute_at_which_they_work(
    zone: str, week: list[Span], day: str, minute: int
) -> None:
    now = at(day) + minute * MINUTE_MS
    presence = presence_of(zone, week, now_ms=now)

    def works(ms: int) -> bool:
        clock = datetime.fromtimestamp(ms / 1000, ZoneInfo(zone))
        of_day = clock.hour * 60 + clock.minute
        return any(day == clock.isoweekday() and start <= of_day < end for day, start, end in week)

    minutes = (now + ahead * MINUTE_MS for ahead in range(2 * WEEK_MINUTES))
    first = next(ms for ms in minutes if works(ms))
    assert presence == (Presence(True) if first == now else Presence(False, first))
