"""What the checker takes for a region's own word."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import cast

from samverka.network.v1.network_events_pb2 import ErasureOrdered
from services.chassis.envelope import seal
from services.chassis.eventlog.port import Entry, Source
from services.chassis.ids import derive, region_actor
from simulation.regions import Region

PERSON = derive("stockholm", "person", "anna")


def test_an_order_to_erase_that_a_peer_has_forged_is_none() -> None:
    region = cast("Region", SimpleNamespace(name="stockholm"))
    order = seal(
        ErasureOrdered(person_id=PERSON),
        event_id="stockholm_1",
        origin="stockholm",
        actor=region_actor("stockholm"),
        occurred_at=1,
    )
    own = Entry(1, "ev.stockholm.pub.network.stockholm", order, "stockholm_1", None)

    assert Region.orders(region, own, PERSON)
    assert not Region.orders(region, replace(own, source=Source("EV_TOKYO", 1)), PERSON)
    assert not Region.orders(region, own, derive("stockholm", "person", "bo"))
