"""Everybody knows how far they have come with each origin, and has been told how far the others have."""

from __future__ import annotations

from collections.abc import Sequence

from services.chassis.envelope import open_event
from services.chassis.eventlog.port import Entry
from services.chassis.store import Connection
from simulation.checking.logs import Logs, is_forged, is_public
from simulation.reference import Reference
from simulation.regions import Region
from simulation.replicas import Replica
from simulation.trace import Violation


def check_positions(region: Region, replica: Replica, logs: Logs, *, exact: bool) -> None:
    """A replica has come to the end of what each origin's own log let out.

    Not ``exact``: it may have seen more before that was purged.
    """
    if not replica.runner.ready():
        raise Violation(f"{replica.projection.service} of {region.name} is at the end of its log and not ready")
    for origin, log in logs.items():
        last = max(map(_sequence, _own(log)), default=0)
        at = replica.runner.origins.get(origin, 0)
        if at < last or (exact and at != last):
            raise Violation(f"{region.name} is at {replica.runner.origins} and {origin} at {last}")


def check_reports(region: Region, replica: Replica, reference: Reference, logs: Logs) -> None:
    """Each region's last report covers everything that people wrote anywhere, and by none of them a log lost its end.

    What the erased decided for a group stays in its register: where the order came first it is nothing, and not reported.
    """
    if replica.projection.service != "network":
        return
    if lost := replica.store.read_now(_lost_tails):
        raise Violation(f"{region.name} knows that {lost} lost the end of their logs, and nobody did")
    reported = replica.store.read_now(_reports)
    for origin, log in logs.items():
        written = [entry for entry in _own(log) if ".network." not in entry.subject]
        last = max((entry.sequence for entry in written if _actor(entry) not in reference.erased), default=0)
        for reporter in logs:
            if reported.get((reporter, origin), 0) < last:
                told = reported.get((reporter, origin))
                raise Violation(f"{region.name} knows that {reporter} has {told} of {origin}, which wrote {last}")


def _own(log: Sequence[Entry]) -> list[Entry]:
    return [entry for entry in log if entry.source is None and is_public(entry) and not is_forged(entry)]


def _actor(entry: Entry) -> str:
    event = open_event(entry.data)
    return event.actor if event else ""


def _reports(db: Connection) -> dict[tuple[str, str], int]:
    rows = db.execute("select region, origin, position from report_positions")
    return {(str(region), str(origin)): int(str(position)) for region, origin, position in rows}


def _lost_tails(db: Connection) -> list[str]:
    return [str(peer) for (peer,) in db.execute("select peer from lost_tails")]


def _sequence(entry: Entry) -> int:
    return entry.sequence
