"""Review statements: of what time, and for whom."""

from __future__ import annotations

from dataclasses import dataclass

from services.chassis.envelope import TIME_MS_MAX
from services.chassis.errors import Forbidden, Invalid, NotFound


@dataclass(frozen=True, slots=True)
class Period:
    """From one time to before another, in milliseconds since 1970."""

    from_ms: int
    to_ms: int


def parse_period(from_ms: int, to_ms: int) -> Period:
    """Return the period between two times. Raises Invalid."""
    if not 0 <= from_ms < TIME_MS_MAX:
        raise Invalid("That time is out of range.", code="out_of_range", field="from_ms")
    if not from_ms < to_ms <= TIME_MS_MAX:
        raise Invalid("A period ends after it begins.", code="out_of_range", field="to_ms")
    return Period(from_ms, to_ms)


def require_reader(viewer: str, person_id: str, manager_id: str | None) -> None:
    """Raise unless the viewer may read a person's statement; ``manager_id`` is None where the person is not known."""
    if manager_id is None:
        raise NotFound("There is no such person.", code="person_not_found", field="person_id")
    if viewer not in (person_id, manager_id):
        raise Forbidden("Only the person and their manager may do that.", code="not_manager", field="person_id")
