"""An erasure, and how far each region of the network has come with it."""

from __future__ import annotations

from collections.abc import Iterable

from samverka.network.v1.network_views_pb2 import Erasure, ErasureState
from services.chassis.store import Connection


def find_erasure(
    db: Connection, *, erasure_id: str = "", person_id: str = "", regions: Iterable[str]
) -> Erasure | None:
    """Return the erasure with that id, or of that person; who has left the network stands in it if they did it."""
    row = db.execute(
        "select id, person, ordered_at_ms from erasures where id = ? or person = ?", (erasure_id, person_id)
    ).fetchone()
    if row is None:
        return None
    erasure = Erasure(id=row[0], person_id=row[1], ordered_at_ms=row[2])
    rows = db.execute("select region, at_ms from erasure_receipts where erasure_id = ?", (erasure.id,))
    receipts = {str(region): int(str(at_ms)) for region, at_ms in rows}
    for region in sorted({*regions, *receipts}):
        done = region in receipts
        state = ErasureState.ERASURE_STATE_DONE if done else ErasureState.ERASURE_STATE_WAITING
        erasure.regions.add(region=region, state=state, at_ms=receipts.get(region, 0))
    return erasure
