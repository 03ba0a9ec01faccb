"""No other region's clock has dragged this one's along."""

from __future__ import annotations

from collections.abc import Sequence

from services.chassis.clock import physical_ms
from services.chassis.envelope import open_event
from services.chassis.eventlog.port import Entry
from simulation.regions import Region
from simulation.trace import Violation

_DRIFT_MS_MAX = 60_000


def check_clock(region: Region, entries: Sequence[Entry]) -> None:
    for entry in entries:
        event = open_event(entry.data) if entry.source is None else None
        if event is not None and physical_ms(event.occurred_at) > region.clock.highest_ms + _DRIFT_MS_MAX:
            ahead_ms = physical_ms(event.occurred_at) - region.clock.highest_ms
            raise Violation(f"{region.name} wrote {event.id} {ahead_ms} ms ahead of its own clock")
