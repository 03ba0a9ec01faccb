"""People edit their own profiles."""

from __future__ import annotations

import pytest

from samverka.profile.v1.profile_events_pb2 import ProfileEdited
from tests.profile.calls import by_id, edit
from tests.support.services import Member, Region, person_id, refusal


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
