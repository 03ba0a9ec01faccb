"""Write this region's receipt: nothing of the person is left in its log nor with any of its services."""

from __future__ import annotations

from dataclasses import dataclass

from samverka.network.v1.network_events_pb2 import ErasureCarriedOut
from services.chassis.deciding import Decider, Intent, Outcome
from services.chassis.store import Connection
from services.network.domain.erasures import LOG


@dataclass(frozen=True, slots=True)
class ConfirmErasure:
    intent: Intent
    region: str
    erasure_id: str


async def confirm_erasure(command: ConfirmErasure, *, decider: Decider) -> Outcome:
    """Write the receipt; nothing happens if it is there."""
    key = (command.erasure_id, command.region)

    def decide(db: Connection) -> ErasureCarriedOut | None:
        if db.execute("select 1 from erasure_receipts where erasure_id = ? and region = ?", key).fetchone():
            return None
        events = purged_events(db, command.erasure_id)
        return ErasureCarriedOut(erasure_id=command.erasure_id, region=command.region, purged_events=events)

    return await decider.carry_out(command.intent, decide, owner=command.region)


def purged_events(db: Connection, erasure_id: str) -> int:
    """Return how many events were taken out of this region's log for an erasure."""
    row = db.execute(
        "select events from erasure_holders h join erasures e on e.person = h.person where e.id = ? and holder = ?",
        (erasure_id, LOG),
    ).fetchone()
    return int(str(row[0])) if row else 0
