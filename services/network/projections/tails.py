"""Lost tails: which region found out whose, its own too, and how far that one has mended its log since.

A loss stands as long as its finder held more than the peer has mended. Both are numbers of the peer's own log, so whether
it stands follows from what both regions wrote, in whichever order it came.
"""

from __future__ import annotations

from typing import Final

from samverka.network.v1.network_events_pb2 import LogMended, LostTailFound
from services.chassis.envelope import Fact
from services.chassis.ids import is_region
from services.chassis.projection import Handlers, Refused
from services.chassis.store import Connection

PEERS_MAX = 256
"""Of whom one region may say so; a network has 64 regions at most."""
_SEQUENCE_MAX = 2**63 - 1


def apply_lost_tail_found(db: Connection, fact: Fact[LostTailFound]) -> None:
    found = fact.payload
    if found.region != fact.origin or fact.owner != fact.origin or found.held_sequence > _SEQUENCE_MAX:
        raise Refused
    if not is_region(found.peer) or _says_enough(db, found.region):
        raise Refused
    db.execute(
        "insert into lost_tails values (?, ?, ?) on conflict do update set held = max(held, excluded.held)",
        (found.region, found.peer, found.held_sequence),
    )


def apply_log_mended(db: Connection, fact: Fact[LogMended]) -> None:
    mended = fact.payload
    if mended.region != fact.origin or fact.owner != fact.origin or mended.through_sequence > _SEQUENCE_MAX:
        raise Refused
    db.execute(
        "insert into mended_logs values (?, ?) on conflict do update set through = max(through, excluded.through)",
        (mended.region, mended.through_sequence),
    )


def _says_enough(db: Connection, region: str) -> bool:
    found = db.execute("select count(*) from lost_tails where region = ?", (region,)).fetchone()
    return found is not None and int(str(found[0])) >= PEERS_MAX


HANDLERS: Final[Handlers] = {LostTailFound: apply_lost_tail_found, LogMended: apply_log_mended}
