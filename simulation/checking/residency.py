"""What is local is in no other region: not in its log, not in a row, not in a count."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from services.chassis.eventlog.port import Entry
from simulation.checking.comparing import read_tables
from simulation.checking.logs import is_forged, is_public
from simulation.reference import Reference
from simulation.regions import Region
from simulation.replicas import Replica
from simulation.trace import Violation


def check_residency(region: Region, replica: Replica, log: Sequence[Entry], reference: Reference) -> None:
    """Look for the name of anything local to another region; a count of it differs from the reference's."""
    elsewhere = {thing for thing, home in reference.local_ids().items() if home != region.name}
    for entry in log:
        if is_forged(entry) or entry.source is None:
            continue
        if not is_public(entry) or any(thing.encode() in entry.data for thing in elsewhere):
            raise Violation(f"{region.name} holds {entry.message_id}, which is local elsewhere or about what is")
    for table, text in _texts(replica):
        if text in elsewhere:
            raise Violation(f"{table} of {region.name} names {text}, which is local elsewhere")


def _texts(replica: Replica) -> Iterator[tuple[str, str]]:
    for name, table in replica.store.read_now(read_tables).items():
        for row in table.public | table.local:
            for value in row:
                if isinstance(value, str):
                    yield name, value
