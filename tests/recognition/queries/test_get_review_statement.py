"""A person and their manager read what the person was recognised for, and nobody else does."""

from __future__ import annotations

from pathlib import Path

from tests.recognition.calls import award, define, lead, statement, thank
from tests.support.services import Member, Region, federate, open_region, person_id, refusal


async def test_totals_are_by_badge_and_value_with_the_evidence_for_each(
    maja: Member, anna: Member, bengt: Member, carla: Member
) -> None:
    hand, star = await define(maja, "Hand", value="Care"), await define(maja, "Star")
    given = [
        await thank(bengt, anna.id, message="one", value="Courage"),
        await thank(bengt, anna.id, carla.id, message="two", value="Care", private=True),
        await award(carla, hand.id, anna.id, message="three"),
        await award(bengt, hand.id, anna.id, message="four", private=True),
        await award(bengt, star.id, anna.id, message="five"),
    ]
    await thank(anna, bengt.id)  # what she gave is not what she got

    shown = await statement(anna, anna.id)

    assert (shown.person.handle, shown.total, shown.thanks) == ("anna", 5, 2)
    assert [(total.badge.name, total.count) for total in shown.badges] == [("Hand", 2), ("Star", 1)]
    assert [(total.value, total.count) for total in shown.values] == [("Care", 3), ("Courage", 1)]
    evidence = [edge.node for edge in shown.evidence.edges]
    assert [node.id for node in evidence] == [one.id for one in reversed(given)]
    assert [(node.giver.handle, node.message, node.given_at_ms) for node in evidence] == [
        (one.giver.handle, one.message, one.given_at_ms) for one in reversed(given)
    ]


async def test_it_begins_with_the_first_date_and_ends_before_the_second(
    region: Region, anna: Member, bengt: Member
) -> None:
    times = []
    for _ in range(3):
        region.clock.advance(1)
        times.append((await thank(bengt, anna.id)).given_at_ms)

    shown = await statement(anna, anna.id, from_ms=times[0], to_ms=times[2])

    assert [edge.node.given_at_ms for edge in shown.evidence.edges] == [times[1], times[0]]
    assert (shown.total, shown.from_ms, shown.to_ms) == (2, times[0], times[2])


async def test_the_totals_are_of_all_and_the_evidence_comes_in_pages(anna: Member, bengt: Member) -> None:
    given = [(await thank(bengt, anna.id)).id for _ in range(3)]

    page = await statement(anna, anna.id, first=2)
    rest = await statement(anna, anna.id, first=2, after=page.evidence.page_info.end_cursor)

    assert (page.total, rest.total) == (3, 3)
    assert [edge.node.id for edge in (*page.evidence.edges, *rest.evidence.edges)] == given[::-1]
    assert (page.evidence.page_info.has_next_page, rest.evidence.page_info.has_next_page) == (True, False)


async def test_nobody_but_the_person_and_their_manager_reads_it(
    region: Region, anna: Member, bengt: Member, carla: Member
) -> None:
    await lead(anna, carla.id)
    await region.settle()
    await thank(bengt, anna.id, private=True)
    others = [bengt, *[await region.member(role, role=role) for role in ("admin", "community_manager", "importer")]]

    assert (await statement(carla, anna.id)).total == (await statement(anna, anna.id)).total == 1
    for other in others:
        error = await refusal(statement(other, anna.id))
        assert (error.code, error.field) == ("not_manager", "person_id")
    assert (await refusal(statement(anna, carla.id))).code == "not_manager"  # she is led, and leads nobody


async def test_who_leads_a_person_no_longer_reads_no_more(
    region: Region, anna: Member, bengt: Member, carla: Member
) -> None:
    given = await thank(bengt, anna.id, private=True)
    await lead(anna, carla.id)
    await region.settle()
    assert given.id in [edge.node.id for edge in (await statement(carla, anna.id)).evidence.edges]

    await lead(anna, "")
    await region.settle()

    assert (await refusal(statement(carla, anna.id))).code == "not_manager"


async def test_a_manager_in_another_region_reads_it(
    tmp_path: Path, region: Region, anna: Member, bengt: Member
) -> None:
    async with open_region(tmp_path / "tokyo", name="tokyo") as tokyo:
        await tokyo.add_recognition()
        akira = await tokyo.member("akira")
        await federate(tokyo, region)
        await lead(anna, akira.id)
        await region.settle()
        given = await thank(bengt, anna.id, private=True)
        await federate(region, tokyo)

        shown = await statement(akira, anna.id)

        assert [edge.node.id for edge in shown.evidence.edges] == [given.id]
        assert (shown.person.handle, shown.person.region) == ("anna", "stockholm")


async def test_a_period_ends_after_it_begins_and_the_person_is_known(anna: Member) -> None:
    for from_ms, to_ms, field in ((5, 5, "to_ms"), (5, 4, "to_ms"), (-1, 4, "from_ms"), (0, 2**62, "to_ms")):
        error = await refusal(statement(anna, anna.id, from_ms=from_ms, to_ms=to_ms))
        assert (error.code, error.field) == ("out_of_range", field)
    assert (await refusal(statement(anna, person_id("nobody")))).code == "person_not_found"
