"""People thank each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from samverka.recognition.v1 import recognition_service_pb2 as pb
from samverka.recognition.v1.recognition_events_pb2 import VISIBILITY_PRIVATE, VISIBILITY_PUBLIC, ThanksGiven
from services.chassis.awards import RECEIVERS_MAX
from services.recognition.domain.gifts import MESSAGE_CHARACTERS_MAX
from tests.recognition.calls import ids, recognition, thank
from tests.support.services import Member, Region, federate, open_region, person_id, refusal


async def test_thanks_show_who_thanks_whom_and_for_what(
    region: Region, anna: Member, bengt: Member, carla: Member
) -> None:
    given = await thank(anna, carla.id, bengt.id, message="For the *launch*.", value="Courage")

    assert (given.giver.handle, given.giver.region) == ("anna", "stockholm")
    assert [receiver.handle for receiver in given.receivers] == ["carla", "bengt"]
    assert (given.message, given.value, given.visibility) == ("For the *launch*.", "Courage", VISIBILITY_PUBLIC)
    assert (given.given_at_ms, given.HasField("badge")) == (region.clock.wall_ms(), False)
    assert await recognition(bengt, given.id) == given


async def test_the_same_receiver_twice_is_thanked_once(anna: Member, bengt: Member) -> None:
    assert [receiver.id for receiver in (await thank(anna, bengt.id, bengt.id)).receivers] == [bengt.id]


async def test_nobody_thanks_themselves_alone_or_among_others(region: Region, anna: Member, bengt: Member) -> None:
    for receivers in ([anna.id], [bengt.id, anna.id]):
        error = await refusal(thank(anna, *receivers))
        assert (error.code, error.field) == ("own_self", "receiver_ids")
    assert not await region.events(ThanksGiven)


async def test_an_importer_thanks_nobody_for_themselves(region: Region, anna: Member) -> None:
    importer = await region.member("ivan", role="importer")
    request = pb.GiveThanksRequest(receiver_ids=[anna.id], message="x")
    request.context.on_behalf_of = anna.id

    error = await refusal(importer.ask(region.recognition.recognition.GiveThanks, request))

    assert error.code == "own_self"


@pytest.mark.parametrize(
    ("receivers", "code"),
    [
        ([], "empty"),
        (["x"], "malformed_id"),
        ([person_id("nobody")], "person_not_found"),
        ([person_id(f"person-{number}") for number in range(RECEIVERS_MAX + 1)], "too_many_people"),
    ],
)
async def test_there_are_receivers_and_they_are_known(anna: Member, receivers: list[str], code: str) -> None:
    error = await refusal(thank(anna, *receivers))

    assert (error.code, error.field) == (code, "receiver_ids")


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"message": " "}, "empty", "message"),
        ({"message": "x" * (MESSAGE_CHARACTERS_MAX + 1)}, "too_long", "message"),
        ({"value": "x" * 81}, "too_long", "value"),
        ({"value": "two\nlines"}, "control_characters", "value"),
    ],
)
async def test_texts_are_bounded(anna: Member, bengt: Member, fields: dict[str, str], code: str, field: str) -> None:
    error = await refusal(thank(anna, bengt.id, **fields))  # type: ignore[arg-type]

    assert (error.code, error.field) == (code, field)


async def test_a_visibility_is_public_unless_another_is_asked_for(region: Region, anna: Member, bengt: Member) -> None:
    request = pb.GiveThanksRequest(receiver_ids=[bengt.id], message="x")
    given = await anna.ask(region.recognition.recognition.GiveThanks, request)
    request.visibility = 7  # type: ignore[assignment]
    unknown = await refusal(anna.ask(region.recognition.recognition.GiveThanks, request))

    assert given.recognition.visibility == VISIBILITY_PUBLIC
    assert (await thank(anna, bengt.id, private=True)).visibility == VISIBILITY_PRIVATE
    assert (unknown.code, unknown.field) == ("unknown_visibility", "visibility")


async def test_one_key_gives_once_also_when_it_is_long_forgotten(region: Region, anna: Member, bengt: Member) -> None:
    given = await thank(anna, bengt.id, under="k1")
    for _ in range(30):
        region.clock.advance(3_600)
        await thank(bengt, anna.id, under=f"{region.clock.wall_ms()}")

    assert await thank(anna, bengt.id, under="k1") == given
    assert len([event for event in await region.events(ThanksGiven) if event.actor == anna.id]) == 1


async def test_whoever_has_not_signed_in_thanks_nobody(region: Region, bengt: Member) -> None:
    stranger = Member(region, "stranger", person_id("stranger"))

    error = await refusal(thank(stranger, bengt.id))

    assert (error.code, error.field) == ("person_not_found", "")


async def test_thanks_go_to_other_regions(tmp_path: Path, region: Region, anna: Member) -> None:
    async with open_region(tmp_path / "tokyo", name="tokyo") as tokyo:
        await tokyo.add_recognition()
        akira = await tokyo.member("akira")
        await federate(tokyo, region)

        given = await thank(anna, akira.id)
        await federate(region, tokyo)

        assert await ids(akira) == [given.id]
        assert (await recognition(akira, given.id)).giver.region == "stockholm"
