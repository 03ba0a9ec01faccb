"""What can be told of when somebody works."""

from __future__ import annotations

import pytest

from samverka.profile.v1.profile_events_pb2 import WorkingHours
from services.chassis.errors import Invalid
from services.profile.domain.working_hours import parse_time_zone, parse_working_hours


def hours(*spans: tuple[int, int, int]) -> list[WorkingHours]:
    return [WorkingHours(weekday=day, start_minute=start, end_minute=end) for day, start, end in spans]  # type: ignore[arg-type]


def test_a_time_zone_is_one_that_the_iana_names_or_none() -> None:
    for name in ("", "Europe/Stockholm", "Asia/Tokyo", "UTC"):
        assert parse_time_zone(name) == name
    for name in (
        "Stockholm",
        "europe/stockholm",
        "../etc/passwd",
        "Europe/Stockholm ",
        "+01:00",
        "localtime",
        "Factory",
    ):
        with pytest.raises(Invalid) as refused:
            parse_time_zone(name)
        assert (refused.value.code, refused.value.field) == ("unknown_time_zone", "time_zone")


def test_hours_come_in_the_order_of_the_week() -> None:
    week = parse_working_hours(hours((2, 0, 360), (1, 1320, 1440), (1, 480, 720)))

    assert week == [(1, 480, 720), (1, 1320, 1440), (2, 0, 360)]
    assert parse_working_hours([]) == []


def test_one_span_may_begin_where_another_ends() -> None:
    assert len(parse_working_hours(hours((5, 480, 720), (5, 720, 1020)))) == 2


@pytest.mark.parametrize(
    "spans",
    [
        [(0, 480, 1020)],
        [(8, 480, 1020)],
        [(1, 480, 480)],
        [(1, 1020, 480)],
        [(1, 480, 1441)],
        [(1, 480, 1020), (1, 1019, 1100)],
        [(1, 480, 1020), (1, 480, 1020)],
        [(1, minute, minute + 1) for minute in range(22)],
    ],
)
def test_hours_that_are_none_or_overlap_are_refused(spans: list[tuple[int, int, int]]) -> None:
    with pytest.raises(Invalid) as refused:
        parse_working_hours(hours(*spans))
    assert (refused.value.code, refused.value.field) == ("malformed_working_hours", "working_hours")
