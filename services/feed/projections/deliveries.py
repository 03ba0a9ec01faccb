"""How far the other regions say that they have come with each origin: the latest POSITIONS_KEPT_MAX times that it moved."""

from __future__ import annotations

from typing import Final

from samverka.network.v1.network_events_pb2 import RegionReported
from services.chassis.envelope import Fact
from services.chassis.ids import is_region
from services.chassis.projection import Handlers, Refused
from services.chassis.store import Connection

POSITIONS_KEPT_MAX = 64
"""Of each region with each origin: at a report every five seconds, five minutes of writing without a pause."""
_ORIGINS_MAX = 256
_POSITION_MAX = 2**63 - 1


def apply_region_reported(db: Connection, fact: Fact[RegionReported]) -> None:
    region, held = fact.payload.region, fact.payload.origins
    if region != fact.origin or fact.owner != fact.origin or len(held) > _ORIGINS_MAX:
        raise Refused
    if not all(is_region(position.origin) and position.sequence <= _POSITION_MAX for position in held):
        raise Refused
    for position in held:
        if position.origin != region:
            _note(db, region, position.origin, position.sequence, fact.at_ms)


def _note(db: Connection, region: str, origin: str, position: int, at_ms: int) -> None:
    db.execute(
        "insert into peer_positions values (?, ?, ?, ?) on conflict do nothing", (region, origin, position, at_ms)
    )
    if db.changes():
        db.execute(
            """
            delete from peer_positions where region = ?1 and origin = ?2 and position <= (
                select position from peer_positions where region = ?1 and origin = ?2
                order by position desc limit 1 offset ?3)
            """,
            (region, origin, POSITIONS_KEPT_MAX),
        )


HANDLERS: Final[Handlers] = {RegionReported: apply_region_reported}
