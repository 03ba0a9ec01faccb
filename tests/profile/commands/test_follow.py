"""Following: whom one may follow, and what it counts."""

from __future__ import annotations

import asyncio

import pytest

from samverka.profile.v1.profile_events_pb2 import PersonFollowed
from services.profile.commands import follow as following
from tests.profile.calls import by_id, follow, unfollow
from tests.support.services import Member, Region, person_id, refusal


async def test_following_shows_on_both(region: Region, anna: Member, bengt: Member) -> None:
    followed = await follow(anna, bengt.id)

    assert (followed.id, followed.follower_count, followed.viewer_follows) == (bengt.id, 1, True)
    assert (await by_id(anna, anna.id)).following_count == 1
    assert not (await by_id(bengt, bengt.id)).viewer_follows


async def test_following_twice_counts_once_also_at_once_on_two_replicas(
    region: Region, anna: Member, bengt: Member
) -> None:
    replicas = (region.profile, await region.add_profile())

    await asyncio.gather(*(follow(anna, bengt.id, replica=replicas[n % 2]) for n in range(10)))

    assert (await by_id(anna, bengt.id)).follower_count == 1
    assert len(await region.events(PersonFollowed)) == 1


async def test_nobody_follows_themselves(region: Region, anna: Member) -> None:
    error = await refusal(follow(anna, anna.id))

    assert (error.code, error.field) == ("own_self", "person_id")


@pytest.mark.parametrize("unknown", [person_id("nobody"), person_id("nobody", region="tokyo")])
async def test_nobody_follows_whom_there_is_not(region: Region, anna: Member, unknown: str) -> None:
    for call in (follow, unfollow):
        error = await refusal(call(anna, unknown))
        assert (type(error).__name__, error.code, error.field) == ("NotFound", "person_not_found", "person_id")


@pytest.mark.parametrize("malformed", ["", "anna", "stockholm_", "stockholm_01", f"{person_id('anna')} ", "_" * 27])
async def test_a_malformed_id_is_refused(region: Region, anna: Member, malformed: str) -> None:
    for call in (follow, unfollow):
        error = await refusal(call(anna, malformed))
        assert (error.code, error.field) == ("malformed_id", "person_id")


async def test_whoever_has_not_signed_in_follows_nobody(region: Region, anna: Member) -> None:
    stranger = Member(region, "stranger", person_id("stranger"))

    assert (await refusal(follow(stranger, anna.id))).code == "person_not_found"


async def test_the_number_of_people_that_one_follows_is_bounded(
    region: Region, anna: Member, bengt: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "FOLLOWED_PEOPLE_MAX", 1)
    carla = await region.member("carla")
    await follow(anna, bengt.id)

    error = await refusal(follow(anna, carla.id))

    assert (type(error).__name__, error.code) == ("Exhausted", "too_many_followed")
    assert (await follow(anna, bengt.id)).viewer_follows
    await unfollow(anna, bengt.id)
    assert (await follow(anna, carla.id)).viewer_follows
