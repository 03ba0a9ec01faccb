"""Write this region's receipt: nothing of the person is left in its log."""

from __future__ import annotations

from dataclasses import dataclass

from samverka.network.v1.network_events_pb2 import ErasureCarriedOut
from services.chassis.deciding import Decider, Intent, Outcome
from services.chassis.store import Connection


@dataclass(frozen=True, slots=True)
class ConfirmErasure:
    intent: Intent
    region: str
    erasure_id: str
    purged_events: int


async def confirm_erasure(command: ConfirmErasure, *, decider: Decider) -> Outcome:
    """Write the receipt; nothing happens if it is there."""
    key = (command.erasure_id, command.region)

    def decide(db: Connection) -> ErasureCarriedOut | None:
        if db.execute("select 1 from erasure_receipts where erasure_id = ? and region = ?", key).fetchone():
            return None
        return ErasureCarriedOut(
            erasure_id=command.erasure_id, region=command.region, purged_events=command.purged_events
        )

    return await decider.carry_out(command.intent, decide, owner=command.region)
