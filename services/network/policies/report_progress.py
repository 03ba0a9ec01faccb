"""Whenever content has arrived that no report covers: report how far this region has come.

Every five seconds at most, however many replicas look. A region without peers has nobody to tell. After its clock was set
back, the last report's time is of no use, and each replica waits by itself.
"""

from __future__ import annotations

from services.chassis.clock import Clock
from services.chassis.deciding import Decider, region_intent
from services.chassis.projection import ProjectionRunner
from services.network.commands.report_region import REPORT_SECONDS_MIN, ReportRegion, is_report_due, report_region
from services.network.membership import Membership
from services.network.policies.repeating import repeat

_LOOK_SECONDS = 0.5


class Reporting:
    """Reports for one region."""

    def __init__(self, *, runner: ProjectionRunner, decider: Decider, membership: Membership, clock: Clock) -> None:
        self._runner = runner
        self._membership = membership
        self._decider = decider
        self._clock = clock
        self._not_before_seconds = 0.0

    async def run(self) -> None:
        """Look for ever."""
        await repeat(self.turn, every_seconds=_LOOK_SECONDS)

    async def turn(self) -> None:
        """Report if there is something to report; a replica that still catches up has not come as far as its region."""
        region, now_ms = self._runner.region, self._clock.wall_ms()
        if not self._membership.peers or not self._runner.ready():
            return
        if self._clock.monotonic_seconds() < self._not_before_seconds:
            return
        if self._runner.store.read_now(lambda db: is_report_due(db, region=region, now_ms=now_ms)):
            await report_region(ReportRegion(region_intent(region), region, now_ms), decider=self._decider)
            self._not_before_seconds = self._clock.monotonic_seconds() + REPORT_SECONDS_MIN
