"""When people work: hours of their weekdays, in minutes of their own time."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

import strawberry

from gateway.calls import build
from gateway.compiling import computed
from samverka.profile.v1 import profile_events_pb2 as events
from samverka.profile.v1.profile_service_pb2 import WorkingWeek


@strawberry.enum
class Weekday(Enum):
    MONDAY = events.WEEKDAY_MONDAY
    TUESDAY = events.WEEKDAY_TUESDAY
    WEDNESDAY = events.WEEKDAY_WEDNESDAY
    THURSDAY = events.WEEKDAY_THURSDAY
    FRIDAY = events.WEEKDAY_FRIDAY
    SATURDAY = events.WEEKDAY_SATURDAY
    SUNDAY = events.WEEKDAY_SUNDAY


def _weekday(hours: strawberry.Parent[events.WorkingHours]) -> Weekday:
    return Weekday(hours.weekday)


@strawberry.type(
    description="A time of a weekday at which somebody works, in minutes since midnight in their time zone."
)
class WorkingHours:
    weekday: Weekday = computed(_weekday)
    start_minute: int
    end_minute: int = strawberry.field(description="1440 is midnight; who works through a night has hours on two days.")


@strawberry.input
class WorkingHoursInput:
    weekday: Weekday
    start_minute: int
    end_minute: int


def working_week(hours: Iterable[WorkingHoursInput]) -> WorkingWeek:
    """Return the hours as the service is told them. Raises Invalid."""
    return WorkingWeek(
        hours=[
            build(
                events.WorkingHours,
                weekday=span.weekday.value,
                start_minute=span.start_minute,
                end_minute=span.end_minute,
            )
            for span in hours
        ]
    )
