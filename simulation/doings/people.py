"""Profiles, and who follows whom."""

from __future__ import annotations

from samverka.profile.v1 import profile_service_pb2 as profile
from simulation.calling import Client


async def follow(me: Client) -> str:
    person = me.some([person for person in me.reference.people if person != me.id])
    if person is None:
        return ""
    await me.may("profile", "Follow", profile.FollowRequest(person_id=person))
    me.reference.follows[me.id, person] = None
    return f"followed {person}"


async def unfollow(me: Client) -> str:
    person = me.some([followed for follower, followed in me.reference.follows if follower == me.id])
    if person is None:
        return ""
    await me.may("profile", "Unfollow", profile.UnfollowRequest(person_id=person))
    del me.reference.follows[me.id, person]
    return f"unfollowed {person}"


async def edit_profile(me: Client) -> str:
    name, title = f"{me.caller.name} {me.commands}", f"Title {me.commands}"
    await me.must("profile", "EditProfile", profile.EditProfileRequest(name=name, title=title))
    person = me.reference.people[me.id]
    person.name, person.title = name, title
    return f"is called {name} now"


DOINGS = ((follow, 3), (unfollow, 1), (edit_profile, 2))
