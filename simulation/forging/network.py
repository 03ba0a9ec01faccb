"""Forgeries about erasures, and about how far other regions have come."""

from __future__ import annotations

from samverka.network.v1.network_events_pb2 import ErasureCarriedOut, ErasureOrdered, OriginPosition, RegionReported
from services.chassis.ids import derive, region_actor, region_of
from simulation.forging.forgery import Forgery, Workshop
from simulation.reference.texts import Text

_FAR = 1_000_000


def erasure_of_another(shop: Workshop, mine: str, theirs: str) -> Forgery:
    order = ErasureOrdered(erasure_id=shop.new_id(), person_id=theirs)
    return Forgery("another's erasure", _own_register(shop), shop.sealed(order, actor=_region(shop)))


def erasure_in_anothers_name(shop: Workshop, mine: str, theirs: str) -> Forgery:
    origin = region_of(theirs)
    order = ErasureOrdered(erasure_id=shop.new_id(region=origin), person_id=theirs)
    data = shop.sealed(order, actor=region_actor(origin), origin=origin)
    return Forgery("an erasure in another's name", shop.subject(origin, origin=origin, service="network"), data)


def erasure_by_a_person(shop: Workshop, mine: str, theirs: str) -> Forgery:
    data = shop.sealed(ErasureOrdered(erasure_id=shop.new_id(), person_id=mine), actor=mine)
    return Forgery("an erasure that no region orders", shop.subject(mine, service="network"), data)


def receipt_of_another(shop: Workshop, mine: str, theirs: str) -> Forgery:
    erased = shop.chance.choice([*shop.reference.erased, theirs])
    erasure_id = derive(region_of(erased), "erasure", erased)
    receipt = ErasureCarriedOut(erasure_id=erasure_id, region=region_of(theirs))
    return Forgery(
        "another region's receipt", _own_register(shop), shop.sealed(receipt, actor=_region(shop)), ("network",)
    )


def report_of_another(shop: Workshop, mine: str, theirs: str) -> Forgery:
    data = shop.sealed(_report(shop, region_of(theirs)), actor=_region(shop))
    return Forgery("another region's report", _own_register(shop), data, ("network", "feed"))


def report_by_a_person(shop: Workshop, mine: str, theirs: str) -> Forgery:
    data = shop.sealed(_report(shop, shop.region.name), actor=mine)
    return Forgery("a report that no region makes", shop.subject(mine, service="network"), data, ("network", "feed"))


def word_of_the_erased(shop: Workshop, mine: str, theirs: str) -> Forgery:
    """Let somebody who is erased say something more: it has no effect, and does not stay."""
    erased = [person for person in shop.reference.erased if region_of(person) == shop.region.name]
    if not erased:
        return erasure_of_another(shop, mine, theirs)
    post, author = shop.post(), shop.chance.choice(erased)
    shop.reference.posts[post.post_id] = Text(post.post_id, author, post.body)
    return Forgery("a word of the erased", shop.subject(author), shop.sealed(post, actor=author), ())


def _report(shop: Workshop, region: str) -> RegionReported:
    origins = [OriginPosition(origin=name, sequence=_FAR) for name in (shop.region.name, region)]
    return RegionReported(region=region, origins=origins, applied_sequence=_FAR)


def _own_register(shop: Workshop) -> str:
    return shop.subject(shop.region.name, service="network")


def _region(shop: Workshop) -> str:
    return region_actor(shop.region.name)


FORGERIES = (
    erasure_of_another,
    erasure_in_anothers_name,
    erasure_by_a_person,
    receipt_of_another,
    report_of_another,
    report_by_a_person,
    word_of_the_erased,
)
