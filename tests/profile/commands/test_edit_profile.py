"""People edit their own profiles."""

from __future__ import annotations

from pathlib import Path

import pytest

from samverka.profile.v1.profile_events_pb2 import WEEKDAY_MONDAY, ProfileEdited, WorkingHours
from samverka.profile.v1.profile_service_pb2 import WorkingWeek
from tests.profile.calls import by_id, edit
from tests.support.services import Member, Region, federate, open_region, person_id, refusal


async def test_fields_that_are_not_given_stay(region: Region, anna: Member) -> None:
    await edit(anna, title="Engineer", about="I make things.")

    edited = await edit(anna, name="Anna Berg")

    assert (edited.name, edited.title, edited.about) == ("Anna Berg", "Engineer", "I make things.")
    assert await by_id(anna, anna.id) == edited


async def test_a_title_can_be_taken_away_and_a_name_cannot(region: Region, anna: Member) -> None:
    await edit(anna, title="Engineer")

    assert (await edit(anna, title="")).title == ""
    error = await refusal(edit(anna, name=""))
    assert (error.code, error.field) == ("empty", "name")


async def test_what_is_so_already_is_no_event(region: Region, anna: Member) -> None:
    await edit(anna, title="Engineer")
    await edit(anna, title="Engineer")
    await edit(anna)

    assert len(await region.events(ProfileEdited)) == 1


async def test_one_key_has_one_effect(region: Region, anna: Member) -> None:
    await edit(anna, under="k1", title="Engineer")
    await edit(anna, title="Manager")

    assert (await edit(anna, under="k1", title="Engineer")).title == "Manager"
    assert (await refusal(edit(anna, under="k1", title="Chief"))).code == "idempotency_key_reused"
    assert len(await region.events(ProfileEdited)) == 2


@pytest.mark.parametrize(
    ("given", "kept"), [("Zoe\u0308", "Zoë"), ("A\u030angstro\u0308m", "Ångström"), (" Anna ", "Anna")]
)
async def test_a_name_is_kept_in_its_composed_form(region: Region, anna: Member, given: str, kept: str) -> None:
    assert (await edit(anna, name=given)).name == kept


async def test_whoever_has_not_signed_in_has_no_profile_to_edit(region: Region) -> None:
    stranger = Member(region, "stranger", person_id("stranger"))

    assert (await refusal(edit(stranger, title="x"))).code == "person_not_found"


async def test_a_profile_tells_who_leads_a_person_and_when_they_work(anna: Member, bengt: Member) -> None:
    week = WorkingWeek(hours=[WorkingHours(weekday=WEEKDAY_MONDAY, start_minute=480, end_minute=1020)])

    await edit(anna, manager_id=bengt.id, time_zone="Europe/Stockholm", working_hours=week)
    shown = await edit(anna, title="Engineer")

    assert (shown.manager_id, shown.time_zone) == (bengt.id, "Europe/Stockholm")
    assert list(shown.working_hours) == list(week.hours)
    assert await by_id(bengt, anna.id) == shown


async def test_what_was_told_can_be_taken_back(anna: Member, bengt: Member) -> None:
    week = WorkingWeek(hours=[WorkingHours(weekday=WEEKDAY_MONDAY, start_minute=480, end_minute=1020)])
    await edit(anna, manager_id=bengt.id, time_zone="Europe/Stockholm", working_hours=week)

    shown = await edit(anna, manager_id="", time_zone="", working_hours=WorkingWeek())

    assert (shown.manager_id, shown.time_zone, list(shown.working_hours)) == ("", "", [])


async def test_the_same_hours_again_are_no_event(region: Region, anna: Member) -> None:
    week = WorkingWeek(hours=[WorkingHours(weekday=WEEKDAY_MONDAY, start_minute=480, end_minute=1020)])
    for _ in range(2):
        await edit(anna, working_hours=week)

    assert len(await region.events(ProfileEdited)) == 1


async def test_a_manager_is_another_person_who_is_known_here(anna: Member) -> None:
    oneself = await refusal(edit(anna, manager_id=anna.id))
    nobody = await refusal(edit(anna, manager_id=person_id("nobody")))
    malformed = await refusal(edit(anna, manager_id="x"))

    assert (oneself.code, oneself.field) == ("own_self", "manager_id")
    assert (nobody.code, nobody.field) == ("person_not_found", "manager_id")
    assert (malformed.code, malformed.field) == ("malformed_id", "manager_id")


async def test_a_manager_may_be_of_another_region(tmp_path: Path, region: Region, anna: Member) -> None:
    async with open_region(tmp_path / "tokyo", name="tokyo") as tokyo:
        akira = await tokyo.member("akira")
        await federate(tokyo, region)

        assert (await edit(anna, manager_id=akira.id)).manager_id == akira.id

        await federate(region, tokyo)
        assert (await by_id(akira, anna.id)).manager_id == akira.id


async def test_nobody_but_an_importer_names_the_manager_of_another(region: Region, anna: Member, bengt: Member) -> None:
    importer = await region.member("ivan", role="importer")
    admin = await region.member("ada", role="admin")

    error = await refusal(edit(admin, on_behalf_of=anna.id, manager_id=bengt.id))
    named = await edit(importer, on_behalf_of=anna.id, manager_id=bengt.id)

    assert error.code == "forbidden"
    assert (named.id, named.manager_id) == (anna.id, bengt.id)
