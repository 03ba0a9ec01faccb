"""When a person works: the hours of each weekday in their own time, and the time zone that this is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import cast
from zoneinfo import available_timezones

from samverka.profile.v1.profile_events_pb2 import Weekday, WorkingHours
from services.chassis.errors import Invalid
from services.chassis.working_week import DAY_MINUTES, SPANS_MAX, Span, is_week, spans

_ZONES_OF_MACHINES = frozenset({"localtime", "Factory"})
"""They lie beside those of the IANA: what a machine is set to, another one in each region, and that of one set to none."""


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


def as_messages(week: Iterable[Span]) -> list[WorkingHours]:
    """Return the hours as they travel."""
    return [
        WorkingHours(weekday=cast("Weekday.ValueType", day), start_minute=start, end_minute=end)
        for day, start, end in week
    ]


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones()) - _ZONES_OF_MACHINES
