"""Unfollowing takes back what following did."""

from __future__ import annotations

from samverka.network.v1.network_events_pb2 import ErasureOrdered
from samverka.profile.v1.profile_events_pb2 import PersonUnfollowed
from services.chassis.ids import derive, region_actor
from tests.profile.calls import by_id, follow, unfollow
from tests.support.services import Member, Region, refusal


async def test_unfollowing_takes_the_counts_back(region: Region, anna: Member, bengt: Member) -> None:
    await follow(anna, bengt.id)

    left = await unfollow(anna, bengt.id)

    assert (left.follower_count, left.viewer_follows) == (0, False)
    assert (await by_id(anna, anna.id)).following_count == 0


async def test_unfollowing_whom_one_does_not_follow_is_no_event(region: Region, anna: Member, bengt: Member) -> None:
    await follow(bengt, anna.id)

    left = await unfollow(anna, bengt.id)

    assert (left.follower_count, left.following_count) == (0, 1)
    assert not await region.events(PersonUnfollowed)


async def test_following_again_counts_again(region: Region, anna: Member, bengt: Member) -> None:
    for _ in range(3):
        await follow(anna, bengt.id)
        await unfollow(anna, bengt.id)

    assert (await follow(anna, bengt.id)).follower_count == 1


async def test_who_was_erased_can_be_unfollowed_and_a_repeat_changes_nothing(
    region: Region, anna: Member, bengt: Member
) -> None:
    await follow(anna, bengt.id)
    order = ErasureOrdered(erasure_id=derive(region.name, "e"), person_id=bengt.id)
    await region.assert_fact(order, actor=region_actor(region.name), service="network", owner=region.name)

    for _ in range(2):
        assert not (await unfollow(anna, bengt.id)).id

    assert (await by_id(anna, anna.id)).following_count == 0
    assert len(await region.events(PersonUnfollowed)) == 1
    assert (await refusal(follow(anna, bengt.id))).code == "person_not_found"
