"""The months of allowances: calendar months in UTC.

An award's month is that of the time which its event tells, so that every region counts it against the same one: no region
knows another's calendar, and a receiver's clock has no say.
"""

from __future__ import annotations

from datetime import UTC, datetime


def month_of(at_ms: int) -> int:
    """Return the month of a time in milliseconds since 1970: 202602 is February 2026."""
    at = datetime.fromtimestamp(at_ms // 1000, UTC)
    return at.year * 100 + at.month
