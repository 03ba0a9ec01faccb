"""What the tables know of the network: the reports of the peers, and the events of theirs that were refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from services.chassis import trust
from services.chassis.eventlog.subjects import stream_name
from services.chassis.store import Connection


@dataclass(frozen=True, slots=True)
class Report:
    """When a peer reported, by its own clock, and how far it had come with this region's events then."""

    at_ms: int
    holds_of_ours: int


@dataclass(frozen=True, slots=True)
class Tables:
    """What the tables know, by peer; ``lost_tails`` are those that this region found, ``missed_by`` who found its own."""

    reports: dict[str, Report] = field(default_factory=dict)
    lost_tails: set[str] = field(default_factory=set)
    missed_by: list[str] = field(default_factory=list)
    refusals: list[trust.Refusal] = field(default_factory=list)

    def refused_of(self, region: str) -> int:
        """Return how many events of ``region`` were refused."""
        return sum(kind.events for kind in self._faults_of(region))

    def refused_at_ms(self, region: str) -> int:
        """Return when the last event of ``region`` that was refused came into this region's log; 0: none was."""
        return max((kind.last_at_ms for kind in self._faults_of(region)), default=0)

    def _faults_of(self, region: str) -> Iterator[trust.Refusal]:
        """Yield what was refused of ``region``; what came late of somebody erased is no fault of anybody's."""
        senders = (region, stream_name(region))
        return (kind for kind in self.refusals if kind.origin in senders and kind.reason != "erased")


def read_tables(db: Connection, *, region: str) -> Tables:
    """Return what the tables know in ``region``."""
    rows = db.execute(
        """
        select r.region, at_ms, coalesce(position, 0) from reports r
        left join report_positions p on p.region = r.region and origin = ?
        """,
        (region,),
    )
    reports = {str(row[0]): Report(int(str(row[1])), int(str(row[2]))) for row in rows}
    losses = _losses(db)
    return Tables(
        reports,
        lost_tails={peer for finder, peer in losses if finder == region},
        missed_by=[finder for finder, peer in losses if peer == region],
        refusals=trust.refusals(db),
    )


def _losses(db: Connection) -> list[tuple[str, str]]:
    """Return who found whose tail lost, for what the peer has not mended since."""
    rows = db.execute(
        """
        select t.region, peer from lost_tails t left join mended_logs m on m.region = peer
        where held > coalesce(through, 0) order by t.region
        """
    )
    return [(str(row[0]), str(row[1])) for row in rows]
