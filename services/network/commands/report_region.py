"""Report how far this region has come with each origin, if there is content that the last report does not cover."""

from __future__ import annotations

from dataclasses import dataclass

from samverka.network.v1.network_events_pb2 import OriginPosition, RegionReported
from services.chassis.deciding import Decider, Intent, Outcome
from services.chassis.origins import read_reached
from services.chassis.projection import applied_sequence
from services.chassis.store import Connection

REPORT_SECONDS_MIN = 5
"""Between two reports of a region, however many replicas it has."""


@dataclass(frozen=True, slots=True)
class ReportRegion:
    intent: Intent
    region: str
    now_ms: int


async def report_region(command: ReportRegion, *, decider: Decider) -> Outcome:
    """Report; nothing happens if that would say nothing new, or too soon."""

    def decide(db: Connection) -> RegionReported | None:
        if not is_report_due(db, region=command.region, now_ms=command.now_ms):
            return None
        origins = [
            OriginPosition(origin=origin, sequence=reached.sequence, entry_id=reached.entry_id)
            for origin, reached in sorted(read_reached(db).items())
        ]
        return RegionReported(region=command.region, origins=origins, applied_sequence=applied_sequence(db))

    return await decider.carry_out(command.intent, decide, owner=command.region)


def is_report_due(db: Connection, *, region: str, now_ms: int) -> bool:
    """Whether there is content behind what the region's last report stands on, and that is long enough ago.

    A report of the future says that the clock was set back since, and nothing of how long ago that was.
    """
    last = db.execute("select applied, at_ms from reports where region = ?", (region,)).fetchone()
    applied, at_ms = last or (0, 0)
    if 0 <= now_ms - at_ms < REPORT_SECONDS_MIN * 1000:
        return False
    return db.execute("select 1 from content where sequence > ?", (applied,)).fetchone() is not None
