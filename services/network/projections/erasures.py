"""Erasures, and the receipt of each region that has carried one out; a receipt may come before its order.

An erasure is known by its person and its id follows from them, whatever the event calls it: nobody can take another's name.
"""

from __future__ import annotations

from typing import Final

from samverka.network.v1.network_events_pb2 import ErasureCarriedOut, ErasureOrdered, PersonForgotten
from services.chassis.envelope import Fact
from services.chassis.ids import region_of
from services.chassis.projection import Handlers, Refused
from services.chassis.store import Connection
from services.network.domain.erasures import erasure_id

_EVENTS_MAX = 2**63 - 1


def apply_erasure_ordered(db: Connection, fact: Fact[ErasureOrdered]) -> None:
    """The runner has seen to it that the person's home has ordered it."""
    person = fact.payload.person_id
    row = (person, erasure_id(person), fact.at_ms, fact.sequence)
    db.execute("insert into erasures values (?, ?, ?, ?) on conflict do nothing", row)


def apply_person_forgotten(db: Connection, fact: Fact[PersonForgotten]) -> None:
    """The runner has seen to it that this region says so of itself."""
    said = fact.payload
    row = (said.person_id, said.holder, min(said.events, _EVENTS_MAX))
    db.execute("insert into erasure_holders values (?, ?, ?) on conflict do nothing", row)


def apply_erasure_carried_out(db: Connection, fact: Fact[ErasureCarriedOut]) -> None:
    receipt = fact.payload
    if receipt.region != fact.origin or fact.owner != fact.origin or not region_of(receipt.erasure_id):
        raise Refused
    row = (receipt.erasure_id, receipt.region, fact.at_ms, min(receipt.purged_events, _EVENTS_MAX))
    db.execute("insert into erasure_receipts values (?, ?, ?, ?) on conflict do nothing", row)


HANDLERS: Final[Handlers] = {
    ErasureOrdered: apply_erasure_ordered,
    PersonForgotten: apply_person_forgotten,
    ErasureCarriedOut: apply_erasure_carried_out,
}
