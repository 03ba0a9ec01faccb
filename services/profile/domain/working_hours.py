"""When a person works: the hours of each weekday in their own time, and the time zone that this is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from itertools import pairwise
from typing import TypeAlias, cast
from zoneinfo import available_timezones

from samverka.profile.v1.profile_events_pb2 import WEEKDAY_MONDAY, WEEKDAY_SUNDAY, Weekday, WorkingHours
from services.chassis.errors import Invalid

DAY_MINUTES = 24 * 60
SPANS_MAX = 21
"""Three a day: a split shift and the rest of a night."""

Span: TypeAlias = tuple[int, int, int]
"""A weekday (Monday is 1), and the minutes of that day at which work begins and ends."""


def parse_time_zone(name: str) -> str:
    """Return the name of a time zone that the IANA knows, or an empty text. Raises Invalid."""
    if name and name not in _time_zones():
        raise Invalid("That is not the name of a time zone.", code="unknown_time_zone", field="time_zone")
    return name


def parse_working_hours(hours: Iterable[WorkingHours]) -> Sequence[Span]:
    """Return the hours in the order of the week. Raises Invalid if some are none, overlap, or are too many."""
    week = sorted(spans(hours))
    if not is_week(week):
        raise Invalid(
            f"Working hours are at most {SPANS_MAX} spans of a weekday in minutes, 0 to {DAY_MINUTES}, that do not overlap.",
            code="malformed_working_hours",
            field="working_hours",
        )
    return week


def spans(hours: Iterable[WorkingHours]) -> list[Span]:
    """Return the hours as numbers, whatever those are."""
    return [(span.weekday, span.start_minute, span.end_minute) for span in hours]


def as_messages(week: Iterable[Span]) -> list[WorkingHours]:
    """Return the hours as they travel."""
    return [
        WorkingHours(weekday=cast("Weekday.ValueType", day), start_minute=start, end_minute=end)
        for day, start, end in week
    ]


def is_week(week: Sequence[Span]) -> bool:
    """Whether each is a span of a weekday, and all are in their order and apart."""
    return (
        len(week) <= SPANS_MAX
        and all(WEEKDAY_MONDAY <= day <= WEEKDAY_SUNDAY and 0 <= start < end <= DAY_MINUTES for day, start, end in week)
        and all(one[0] < two[0] or (one[0] == two[0] and one[2] <= two[1]) for one, two in pairwise(week))
    )


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones())
