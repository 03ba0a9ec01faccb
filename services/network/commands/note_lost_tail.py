"""Write down that a peer, or the region itself, lost the end of its log: so it is heard of, and no restart forgets it."""

from __future__ import annotations

from dataclasses import dataclass

from samverka.network.v1.network_events_pb2 import LostTailFound
from services.chassis.deciding import Decider, Intent, Outcome
from services.chassis.store import Connection


@dataclass(frozen=True, slots=True)
class NoteLostTail:
    """``held``: the last event of ``peer`` that is in this region's log, by the numbering of the peer's own.

    ``peer`` is ``region`` where it found out about itself; then the last that a peer holds of it.
    """

    intent: Intent
    region: str
    peer: str
    held: int


async def note_lost_tail(command: NoteLostTail, *, decider: Decider) -> Outcome:
    """Write it down; nothing happens if that was done before, or the peer has mended its log that far."""

    def decide(db: Connection) -> LostTailFound | None:
        if _is_known(db, command):
            return None
        return LostTailFound(region=command.region, peer=command.peer, held_sequence=command.held)

    return await decider.carry_out(command.intent, decide, owner=command.region)


def _is_known(db: Connection, command: NoteLostTail) -> bool:
    known = db.execute(
        """
        select 1 from lost_tails where region = ?1 and peer = ?2 and held >= ?3
        union all select 1 from mended_logs where region = ?2 and through >= ?3
        """,
        (command.region, command.peer, command.held),
    )
    return known.fetchone() is not None
