"""The network's tables: what regions may say of themselves, and nobody else of them."""

from __future__ import annotations

from random import Random

import pytest
from google.protobuf.message import Message

from samverka.network.v1.network_events_pb2 import (
    ErasureCarriedOut,
    LogMended,
    LostTailFound,
    OriginPosition,
    RegionReported,
)
from services.chassis.ids import derive, region_actor
from services.network.domain.erasures import erasure_id
from services.network.projections import network_projection
from services.network.projections.reports import ORIGINS_MAX
from services.network.projections.tails import PEERS_MAX
from tests.network.facts import report
from tests.support.interleaving import interleaved
from tests.support.tables import Tables

KENJI = derive("tokyo", "kenji")


@pytest.fixture
def tables() -> Tables:
    return Tables(network_projection())


def _say(tables: Tables, region: str, payload: Message, *, owner: str = "") -> bool:
    return tables.apply(payload, actor=region_actor(region), owner=owner or region)


def test_the_last_report_of_a_region_holds(tables: Tables) -> None:
    assert _say(tables, "tokyo", report("tokyo", stockholm=3, austin=1))
    assert _say(tables, "tokyo", report("tokyo", stockholm=5))

    assert tables.rows("select region, origin, position from report_positions") == [("tokyo", "stockholm", 5)]
    assert tables.rows("select region, applied from reports") == [("tokyo", 1)]


@pytest.mark.parametrize(
    "said",
    [
        report("austin", stockholm=3),
        RegionReported(region="tokyo", origins=[OriginPosition(origin="No region", sequence=1)]),
        RegionReported(region="tokyo", origins=[OriginPosition(origin="austin", sequence=2**63)]),
        RegionReported(region="tokyo", applied_sequence=2**64 - 1),
        RegionReported(
            region="tokyo", origins=[OriginPosition(origin=f"r{n}", sequence=1) for n in range(ORIGINS_MAX + 1)]
        ),
        RegionReported(region="tokyo", origins=[OriginPosition(origin="tokyo", sequence=1, entry_id="e" * 129)]),
        ErasureCarriedOut(erasure_id=erasure_id(KENJI), region="austin"),
        ErasureCarriedOut(erasure_id="nothing", region="tokyo"),
        LostTailFound(region="austin", peer="stockholm", held_sequence=1),
        LostTailFound(region="tokyo", peer="No region", held_sequence=1),
        LostTailFound(region="tokyo", peer="austin", held_sequence=2**63),
        LogMended(region="austin", through_sequence=1),
        LogMended(region="tokyo", through_sequence=2**63),
    ],
)
def test_a_region_speaks_of_itself_and_within_bounds(tables: Tables, said: Message) -> None:
    assert not _say(tables, "tokyo", said)
    assert not any(tables.rows(f"select 1 from {table}") for table in ("reports", "report_positions"))
    assert not any(tables.rows(f"select 1 from {table}") for table in ("erasure_receipts", "lost_tails", "mended_logs"))


def test_a_person_does_not_speak_for_their_region(tables: Tables) -> None:
    assert not tables.apply(report("tokyo", stockholm=3), actor=KENJI)
    assert not tables.apply(ErasureCarriedOut(erasure_id=erasure_id(KENJI), region="tokyo"), actor=KENJI)


def test_a_region_says_of_so_many_peers_that_they_lost_their_tails_and_no_more(tables: Tables) -> None:
    said = [LostTailFound(region="tokyo", peer=f"r{number}", held_sequence=1) for number in range(PEERS_MAX + 1)]
    assert [_say(tables, "tokyo", loss) for loss in said].count(False) == 1


def test_of_several_receipts_the_first_holds(tables: Tables) -> None:
    for events in (3, 0):
        receipt = ErasureCarriedOut(erasure_id=erasure_id(KENJI), region="tokyo", purged_events=events)
        assert _say(tables, "tokyo", receipt)

    assert tables.rows("select purged_events from erasure_receipts") == [(3,)]


def test_the_interleaving_of_the_origins_does_not_matter() -> None:
    facts: list[tuple[str, Message]] = []
    for number in range(6):
        for region in ("tokyo", "austin", "stockholm"):
            facts.append((region_actor(region), report(region, tokyo=number, austin=number + 1)))
            lost = LostTailFound(region=region, peer="oslo", held_sequence=number)
            facts += [
                (region_actor(region), said) for said in (lost, LogMended(region=region, through_sequence=number))
            ]
            facts.append(
                (
                    region_actor(region),
                    ErasureCarriedOut(erasure_id=erasure_id(KENJI), region=region, purged_events=number),
                )
            )

    def content(order: list[tuple[str, Message]]) -> object:
        tables = Tables(network_projection())
        for actor, payload in order:
            assert tables.apply(payload, actor=actor, owner=actor.partition("_")[0])
        return tables.content()

    assert all(content(interleaved(facts, Random(seed))) == content(facts) for seed in range(20))
