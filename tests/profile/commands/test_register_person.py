"""People appear once, each under a handle of their own."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest

from samverka.profile.v1.profile_events_pb2 import PersonRegistered
from services.profile.domain.handles import is_handle
from tests.profile.calls import by_handle, by_id, edit, follow, import_person
from tests.support.services import Member, Region, person_id, refusal


async def test_the_first_sign_in_makes_the_person_that_the_token_describes(region: Region) -> None:
    anna = Member(region, "anna/Anna.Berg", person_id("anna"))

    person = await anna.sign_in()

    assert (person.id, person.handle, person.name, person.region) == (anna.id, "anna-berg", "Anna.berg", "stockholm")
    assert person.joined_at_ms == region.clock.wall_ms()


async def test_a_long_name_in_the_token_keeps_nobody_out(region: Region) -> None:
    anna = Member(region, "anna/" + "a" * 200, person_id("anna"))

    person = await anna.sign_in()

    assert (person.name, person.handle) == ("A" + "a" * 99, "a" * 32)


async def test_a_later_sign_in_answers_with_what_is_there(region: Region) -> None:
    anna = await region.member("anna")
    await edit(anna, name="Anna Berg", title="Engineer")

    again = await Member(region, "anna/other-wish", anna.id).sign_in()

    assert (again.handle, again.name, again.title) == ("anna", "Anna Berg", "Engineer")
    assert len(await region.events(PersonRegistered)) == 1


async def test_a_later_sign_in_tells_the_position_at_which_the_person_is_known(region: Region) -> None:
    anna = await region.member("anna")
    known = region.latest
    region.latest = ""

    await anna.sign_in()

    assert region.latest == known


async def test_twenty_first_sign_ins_at_once_on_two_replicas_make_one_person(region: Region) -> None:
    replicas = (region.profile, await region.add_profile())
    anna = Member(region, "anna", person_id("anna"))

    people = await asyncio.gather(*(anna.sign_in(replicas[n % 2]) for n in range(20)))

    assert {person.id for person in people} == {anna.id}
    assert {person.handle for person in people} == {"anna"}
    assert len(await region.events(PersonRegistered)) == 1


async def test_many_with_one_name_at_once_get_handles_of_their_own(region: Region) -> None:
    replicas = (region.profile, await region.add_profile())
    members = [Member(region, f"subject-{n}/Anna", person_id(f"subject-{n}")) for n in range(40)]

    people = await asyncio.gather(*(member.sign_in(replicas[n % 2]) for n, member in enumerate(members)))

    assert sorted(person.handle for person in people) == sorted(["anna", *(f"anna-{n}" for n in range(2, 41))])
    assert all(is_handle(person.handle) for person in people)
    await region.settle()
    for person in people:
        assert (await by_handle(members[0], person.handle)).id == person.id


async def test_a_number_that_somebody_wished_for_is_not_given_twice(region: Region) -> None:
    wishes = ["anna-2", "anna", "anna", "anna-3", "anna", "anna-3"]

    people = [
        await Member(region, f"subject-{n}/{wish}", person_id(f"subject-{n}")).sign_in()
        for n, wish in enumerate(wishes)
    ]

    assert max(Counter(person.handle for person in people).values()) == 1


async def test_a_sign_in_does_not_take_an_idempotency_key_from_its_person(region: Region) -> None:
    anna = await region.member("anna")

    assert (await edit(anna, under="sign-in", title="Engineer")).title == "Engineer"


async def test_an_importer_makes_people_known_and_the_same_source_is_the_same_person(region: Region) -> None:
    importer = await region.member("ivan", role="importer")

    first = await import_person(importer, title="Brewer", about="*Beer*")
    again = await import_person(importer, name="Somebody else", handle="else")
    other = await import_person(importer, source_key="8")

    assert (first.handle, first.name, first.title, first.about) == ("olga", "Olga", "Brewer", "*Beer*")
    assert again == first
    assert (other.handle, other.id != first.id) == ("olga-2", True)
    registered = (await region.events(PersonRegistered))[1]
    assert (registered.actor, registered.recorded_by) == (first.id, importer.id)


async def test_imports_at_once_on_two_replicas_make_each_person_once(region: Region) -> None:
    importer = await region.member("ivan", role="importer")
    replicas = (region.profile, await region.add_profile())

    people = await asyncio.gather(
        *(import_person(importer, source_key=str(n % 5), replica=replicas[n % 2]) for n in range(20))
    )

    assert len({person.id for person in people}) == 5
    assert len(await region.events(PersonRegistered)) == 6


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"source": ""}, "source"),
        ({"source": "s" * 201}, "source"),
        ({"source_key": "a\nb"}, "source_key"),
        ({"name": " "}, "name"),
        ({"title": "\x00"}, "title"),
        ({"about": "a" * 10_001}, "about"),
    ],
)
async def test_an_import_names_the_field_that_is_wrong(region: Region, fields: dict[str, Any], field: str) -> None:
    importer = await region.member("ivan", role="importer")

    error = await refusal(import_person(importer, **fields))

    assert (type(error).__name__, error.field) == ("Invalid", field)


async def test_only_an_importer_imports(region: Region) -> None:
    anna = await region.member("anna")

    assert (await refusal(import_person(anna))).code == "role_missing"
    assert (await refusal(edit(anna, on_behalf_of=anna.id, title="x"))).code == "forbidden"


async def test_an_importer_writes_for_an_imported_person(region: Region) -> None:
    importer = await region.member("ivan", role="importer")
    olga = await import_person(importer)

    edited = await edit(importer, on_behalf_of=olga.id, title="Brewer")
    followed = await follow(importer, importer.id, on_behalf_of=olga.id)

    assert (edited.id, edited.title) == (olga.id, "Brewer")
    assert (followed.follower_count, followed.viewer_follows) == (1, True)
    assert not (await by_id(importer, olga.id)).viewer_follows
