"""What each region says about how far it has come: a register of its own, the last one holds."""

from __future__ import annotations

from typing import Final

from samverka.network.v1.network_events_pb2 import OriginPosition, RegionReported
from services.chassis.envelope import Fact
from services.chassis.ids import is_region
from services.chassis.projection import Handlers, Refused
from services.chassis.store import Connection

ORIGINS_MAX = 256
"""In one report; a network has 64 regions at most."""
ENTRY_ID_CHARACTERS_MAX = 128
_SEQUENCE_MAX = 2**63 - 1


def apply_region_reported(db: Connection, fact: Fact[RegionReported]) -> None:
    report = fact.payload
    held = {position.origin: position for position in report.origins}
    if report.region != fact.origin or fact.owner != fact.origin or len(report.origins) > ORIGINS_MAX:
        raise Refused
    if not all(map(_may_be, held.values())):
        raise Refused
    if report.applied_sequence > _SEQUENCE_MAX:
        raise Refused
    row = (report.region, fact.at_ms, fact.sequence, report.applied_sequence)
    db.execute("insert or replace into reports values (?, ?, ?, ?)", row)
    db.execute("delete from report_positions where region = ?", (report.region,))
    db.executemany(
        "insert into report_positions values (?, ?, ?, ?)",
        [(report.region, origin, position.sequence, position.entry_id) for origin, position in held.items()],
    )


def _may_be(position: OriginPosition) -> bool:
    return (
        is_region(position.origin)
        and position.sequence <= _SEQUENCE_MAX
        and len(position.entry_id) <= ENTRY_ID_CHARACTERS_MAX
    )


HANDLERS: Final[Handlers] = {RegionReported: apply_region_reported}
