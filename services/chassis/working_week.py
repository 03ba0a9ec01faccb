"""The hours at which a person works, as every service reads them that has to know: a week, or no week at all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TypeAlias

from samverka.profile.v1.profile_events_pb2 import WEEKDAY_MONDAY, WEEKDAY_SUNDAY, WorkingHours

DAY_MINUTES = 24 * 60
SPANS_MAX = 21
"""Three a day: a split shift and the rest of a night."""

Span: TypeAlias = tuple[int, int, int]
"""A weekday (Monday is 1), and the minutes of that day at which work begins and ends."""


def spans(hours: Iterable[WorkingHours]) -> list[Span]:
    """Return the hours as numbers, whatever those are."""
    return [(span.weekday, span.start_minute, span.end_minute) for span in hours]


def is_week(week: Sequence[Span]) -> bool:
    """Whether each is a span of a weekday, and all are in their order and apart."""
    return (
        len(week) <= SPANS_MAX
        and all(WEEKDAY_MONDAY <= day <= WEEKDAY_SUNDAY and 0 <= start < end <= DAY_MINUTES for day, start, end in week)
        and all(one[0] < two[0] or (one[0] == two[0] and one[2] <= two[1]) for one, two in pairwise(week))
    )
