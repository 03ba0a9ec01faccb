"""The erasure of a person: nothing that they wrote is found any more, nor they themselves."""

from __future__ import annotations

from typing import Final

from samverka.network.v1.network_events_pb2 import ErasureOrdered
from samverka.search.v1.search_views_pb2 import HIT_KIND_GROUP
from services.chassis.envelope import Fact
from services.chassis.projection import Handlers
from services.chassis.store import Connection
from services.search.projections.praising import settle_praises_of
from services.search.projections.writing import remove, touch_below


def apply_erasure_ordered(db: Connection, fact: Fact[ErasureOrdered]) -> None:
    """Remove the person and all that they did; a group that they founded stays the group's."""
    person = fact.payload.person_id
    erased = db.execute(
        "delete from documents where author = ? and kind != ? returning sequence, id, local", (person, HIT_KIND_GROUP)
    ).fetchall()
    for sequence, content_id, local in erased:
        remove(db, int(str(sequence)), now=fact.sequence)
        touch_below(db, str(content_id), fact.sequence, local=bool(local))
    for table in ("memberships", "helpful", "acceptances"):
        db.execute(f"delete from {table} where person = ?", (person,))
    db.execute("delete from people where id = ?", (person,))
    given = db.execute("delete from gifts where giver = ? returning sequence", (person,)).fetchall()
    db.executemany("delete from received where sequence = ?", given)
    settle_praises_of(db, person, now=fact.sequence)


HANDLERS: Final[Handlers] = {ErasureOrdered: apply_erasure_ordered}
