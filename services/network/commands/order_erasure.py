"""Order the erasure of a person, everywhere and for good."""

from __future__ import annotations

from dataclasses import dataclass

from samverka.network.v1.network_events_pb2 import ErasureOrdered
from services.chassis.deciding import Decider, Intent, Outcome
from services.chassis.errors import NotFound
from services.chassis.store import Connection
from services.network.domain.erasures import erasure_id


@dataclass(frozen=True, slots=True)
class OrderErasure:
    """The intent's actor is the region: the order stands in its register, which outlives the person's.

    ``is_known`` is whether anything of the person is in the log.
    """

    intent: Intent
    region: str
    person_id: str
    is_known: bool


async def order_erasure(command: OrderErasure, *, decider: Decider) -> Outcome:
    """Order it; nothing happens if that was done before: then the person's log may be empty already. Raises NotFound."""
    person = command.person_id

    def decide(db: Connection) -> ErasureOrdered | None:
        if db.execute("select 1 from erasures where person = ?", (person,)).fetchone():
            return None
        if not command.is_known:
            raise NotFound("There is no such person.", code="person_not_found", field="person_id")
        return ErasureOrdered(erasure_id=erasure_id(person), person_id=person)

    return await decider.carry_out(command.intent, decide, owner=command.region)
