"""People are found by id and by handle."""

from __future__ import annotations

import pytest

from samverka.profile.v1 import profile_service_pb2 as pb
from services.profile.projections import profile_projection
from services.profile.queries.get_person import person_by_handle, person_by_id
from tests.profile.calls import by_handle, by_id, follow
from tests.support.services import Member, Region, person_id, refusal
from tests.support.tables import Tables, plans, scans


async def test_a_person_is_found_by_id_and_by_handle(region: Region, anna: Member, bengt: Member) -> None:
    await follow(bengt, anna.id)

    person = await by_id(bengt, anna.id)

    assert person.viewer_follows
    assert await by_handle(bengt, "anna") == person
    assert await by_handle(bengt, "anna@stockholm") == person


@pytest.mark.parametrize("handle", ["", "nobody", "Anna", "anna@tokyo", "anna@", "@", "\x00", "' or 1=1 --"])
async def test_a_handle_that_nobody_has_is_not_found(region: Region, bengt: Member, handle: str) -> None:
    error = await refusal(by_handle(bengt, handle))

    assert (type(error).__name__, error.code, error.field) == ("NotFound", "person_not_found", "handle")


async def test_an_id_that_nobody_has_is_not_found(region: Region, bengt: Member) -> None:
    error = await refusal(by_id(bengt, person_id("nobody")))

    assert (error.code, error.field) == ("person_not_found", "id")


async def test_one_of_both_has_to_be_given(region: Region, bengt: Member) -> None:
    error = await refusal(bengt.ask(region.profile.profile.GetPerson, pb.GetPersonRequest()))

    assert (type(error).__name__, error.code, error.field) == ("Invalid", "empty", "id")


def test_people_are_looked_up_and_never_searched_for() -> None:
    db = Tables(profile_projection()).db

    for plan in plans(db, lambda db: person_by_id(db, "a", viewer="b")):
        assert not scans(plan)
    (plan,) = plans(db, lambda db: person_by_handle(db, "a", region="stockholm", viewer="b"))
    assert any("people_by_handle" in step for step in plan)
    assert not scans(plan)
