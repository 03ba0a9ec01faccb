"""The recognition service's projection as a whole: whatever order the regions' facts come in, and whoever lies."""

from __future__ import annotations

import asyncio
from random import Random

from hypothesis import given

from samverka.recognition.v1.recognition_events_pb2 import BADGE_KIND_OFFICIAL
from services.chassis.origins import digest_origins
from services.recognition.projections import REGISTERS, recognition_projection
from tests.recognition.calls import award, define, lead, retire, thank, withdraw
from tests.recognition.projections.facts import FACTS, PERSON, Said, applied, origin_of
from tests.support.chance import CHANCE
from tests.support.interleaving import interleaved
from tests.support.services import Member, Region

COUNTED = """
    select item.id, counts, withdrawn, badge_id is null, (
        select badge.region = item.origin or kind = 1 or awarders != '[]' from badges badge where badge.id = badge_id
    ), (
        select kind = 1 or awarders = '[]' or giver in (select value from json_each(awarders))
        from badges badge where badge.id = badge_id
    ), (
        select monthly_limit = 0 or monthly_limit > (
            select count(*) from recognitions earlier where earlier.giver = item.giver and earlier.month = item.month
                and earlier.badge_id = item.badge_id and earlier.sequence < item.sequence
        ) from badges badge where badge.id = badge_id
    ) from recognitions item
"""
PER_MONTH = """
    select count(*), monthly_limit from recognitions join badges on badges.id = badge_id
    where counts = 1 and monthly_limit > 0 group by giver, badge_id, month
"""


@given(FACTS, CHANCE)
def test_the_interleaving_of_the_origins_does_not_matter(facts: list[Said], chance: Random) -> None:
    assert applied(interleaved(facts, chance, origin_of)).content() == applied(facts).content()


@given(FACTS)
def test_what_counts_is_not_withdrawn_and_let_by_its_badge(facts: list[Said]) -> None:
    for _, counts, withdrawn, thanks, at_home, named, within in applied(facts).rows(COUNTED):
        assert counts == (not withdrawn and (thanks or bool(at_home and named and within)))


@given(FACTS)
def test_no_giver_exceeds_an_allowance_whatever_their_region_writes(facts: list[Said]) -> None:
    for counted, limit in applied(facts).rows(PER_MONTH):
        assert counted <= limit


@given(FACTS)
def test_nobody_recognises_themselves_whatever_their_region_writes(facts: list[Said]) -> None:
    themselves = "select 1 from recognitions where giver in (select value from json_each(receivers))"
    assert not applied(facts).rows(themselves)


@given(FACTS, PERSON)
def test_what_a_person_is_said_to_have_got_is_what_was_given(facts: list[Said], person: str) -> None:
    tables = applied(facts)
    listed = "select sequence from recognitions where ? in (select value from json_each(receivers)) order by sequence"

    assert tables.rows("select sequence from receivers where person = ?", person) == tables.rows(listed, person)


@given(FACTS, PERSON)
def test_an_erasure_leaves_what_there_would_be_without_the_person(facts: list[Said], person: str) -> None:
    tables = applied(facts)

    recognition_projection().erase(tables.db, person)

    without = [said for said in facts if said[1] != person]
    assert tables.content() == applied(without).content()


@given(FACTS, CHANCE)
def test_a_register_says_the_same_wherever_its_origin_has_come_as_far(facts: list[Said], chance: Random) -> None:
    alone = {region: applied([said for said in facts if origin_of(said) == region]) for region in map(origin_of, facts)}
    among_others = applied(interleaved(facts, chance, origin_of))

    for tables in (*alone.values(), among_others):
        tables.db.execute("create table origins (origin text primary key, sequence integer)")
    all_of_them = digest_origins(among_others.db, REGISTERS)
    for region, tables in alone.items():
        expected = [digest for digest in all_of_them if digest.origin == region]
        assert digest_origins(tables.db, REGISTERS) == expected


async def test_every_replica_holds_what_a_rebuild_from_the_log_gives(
    region: Region, maja: Member, anna: Member, bengt: Member
) -> None:
    first, other = region.recognition, await region.add_recognition()
    hand, medal = await define(maja, limit=2), await define(maja, kind=BADGE_KIND_OFFICIAL)
    await lead(anna, maja.id)
    given = await asyncio.gather(*(thank(bengt, anna.id, private=bool(number % 2)) for number in range(4)))
    await award(bengt, hand.id, anna.id, under="k1")
    await withdraw(bengt, given[0].id)
    await retire(maja, medal.id)
    await region.settle()

    rebuilt = await region.rebuilt(recognition_projection(), "rebuilt")

    assert all(table.rows for table in rebuilt if table.table != "erased")
    assert {"badges", "people", "receivers", "recognitions", "withdrawals"} < {table.table for table in rebuilt}
    assert rebuilt == await first.digest() == await other.digest()
