"""When a simulated service has nothing more to do by itself."""

from __future__ import annotations

from samverka.feed.v1.feed_events_pb2 import PostPublished
from samverka.network.v1.network_events_pb2 import ErasureCarriedOut, ErasureOrdered, RegionReported
from services.chassis.ids import region_actor
from services.network.domain.erasures import erasure_id
from services.network.projections import network_projection
from simulation.parts import owes_the_others
from tests.support.tables import Tables, an_id

ANNA = an_id("anna")


def say(
    tables: Tables, said: RegionReported | ErasureOrdered | ErasureCarriedOut, *, region: str = "stockholm"
) -> None:
    assert tables.apply(said, actor=region_actor(region), owner=region)


def test_a_region_owes_a_report_of_all_content_whatever_others_have_reported() -> None:
    tables = Tables(network_projection())
    assert not owes_the_others(tables.db, "stockholm")

    tables.apply(PostPublished(post_id=an_id("post")), actor=ANNA, sequence=7)
    say(tables, RegionReported(region="tokyo", applied_sequence=9), region="tokyo")
    say(tables, RegionReported(region="stockholm", applied_sequence=6))
    assert owes_the_others(tables.db, "stockholm")

    say(tables, RegionReported(region="stockholm", applied_sequence=7))
    assert not owes_the_others(tables.db, "stockholm")


def test_a_region_owes_a_receipt_of_its_own_for_each_erasure() -> None:
    tables = Tables(network_projection())
    say(tables, ErasureOrdered(person_id=ANNA))
    say(tables, ErasureCarriedOut(erasure_id=erasure_id(ANNA), region="tokyo"), region="tokyo")
    assert owes_the_others(tables.db, "stockholm")

    say(tables, ErasureCarriedOut(erasure_id=erasure_id(ANNA), region="stockholm"))
    assert not owes_the_others(tables.db, "stockholm")
