"""Who works right now, by the hours and the time zone of their profile, and when they do so next.

Hours are those of a person's own clock. Where that is set forward, hours that do not exist on that day begin when it has
been; where it is set back, the hour that comes twice is worked twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from services.chassis.working_week import Span

DAYS_LOOKED_AHEAD = 14
"""A week has all hours there are; a day of it can be missing where a country changed sides of the date line."""
ZONE_CHARACTERS_MAX = 64
ZONES_REMEMBERED_MAX = 1_024
_MINUTE_MS = 60_000


class Presence(NamedTuple):
    """Whether somebody works now (None: it is not known), and when they will, in milliseconds since 1970, if they do not."""

    at_work: bool | None
    next_ms: int | None = None


UNKNOWN = Presence(None)


def presence_of(time_zone: str, week: Sequence[Span], *, now_ms: int) -> Presence:
    """Return whether somebody with these hours in that zone works now; not known without hours or without a zone."""
    zone = _zone(time_zone) if len(time_zone) <= ZONE_CHARACTERS_MAX else None
    if zone is None or not week:
        return UNKNOWN
    if _is_at_work(zone, week, now_ms):
        return Presence(True)
    return Presence(False, next(_beginnings(zone, week, now_ms), None))


def _is_at_work(zone: ZoneInfo, week: Sequence[Span], at_ms: int) -> bool:
    at = datetime.fromtimestamp(at_ms / 1000, zone)
    minute = at.hour * 60 + at.minute
    return any(day == at.isoweekday() and start <= minute < end for day, start, end in week)


def _beginnings(zone: ZoneInfo, week: Sequence[Span], now_ms: int) -> Iterator[int]:
    """Yield when work begins after now, in order."""
    midnight = datetime.fromtimestamp(now_ms / 1000, zone).replace(
        hour=0, minute=0, second=0, microsecond=0, tzinfo=None
    )
    for ahead in range(DAYS_LOOKED_AHEAD):
        date = midnight + timedelta(days=ahead)
        for day, start, _ in week:
            if day == date.isoweekday():
                for at_ms in _instants(date + timedelta(minutes=start), zone):
                    if at_ms > now_ms and _is_at_work(zone, week, at_ms):
                        yield at_ms


def _instants(wall: datetime, zone: ZoneInfo) -> range:
    """Return the minutes in which a clock may show that time, or be set past it: from its first reading to its second."""
    first, second = sorted(round(wall.replace(tzinfo=zone, fold=fold).timestamp() * 1000) for fold in (0, 1))
    return range(first, second + 1, _MINUTE_MS)


@lru_cache(ZONES_REMEMBERED_MAX)
def _zone(name: str) -> ZoneInfo | None:
    """Return the zone of that name; None if this machine knows none: other regions may know others, and may lie."""
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, ValueError, OSError):
        return None
