"""What a member does at the profile service, one function a call."""

from __future__ import annotations

from typing import Any

from samverka.event.v1.event_pb2 import CommandContext
from samverka.profile.v1 import profile_service_pb2 as pb
from samverka.profile.v1.profile_views_pb2 import Person
from tests.support.services import Member, Replica, key


async def edit(member: Member, *, under: str = "", on_behalf_of: str = "", **fields: Any) -> Person:
    context = CommandContext(idempotency_key=under, on_behalf_of=on_behalf_of)
    request = pb.EditProfileRequest(context=context, **fields)
    return _person(await member.ask(member.region.profile.profile.EditProfile, request))


async def follow(member: Member, person_id: str, *, on_behalf_of: str = "", replica: Replica | None = None) -> Person:
    request = pb.FollowRequest(context=CommandContext(on_behalf_of=on_behalf_of), person_id=person_id)
    return _person(await member.ask((replica or member.region.profile).profile.Follow, request))


async def unfollow(member: Member, person_id: str) -> Person:
    request = pb.UnfollowRequest(person_id=person_id)
    return _person(await member.ask(member.region.profile.profile.Unfollow, request))


async def by_id(member: Member, person_id: str) -> Person:
    return _person(await member.ask(member.region.profile.profile.GetPerson, pb.GetPersonRequest(id=person_id)))


async def by_handle(member: Member, handle: str) -> Person:
    return _person(await member.ask(member.region.profile.profile.GetPerson, pb.GetPersonRequest(handle=handle)))


async def import_person(
    member: Member,
    *,
    source_key: str = "7",
    under: str = "",
    replica: Replica | None = None,
    **fields: str,
) -> Person:
    given = {"source": "elsewhere", "handle": "olga", "name": "Olga"} | fields
    request = pb.ImportPersonRequest(context=key(under), source_key=source_key, **given)
    return _person(await member.ask((replica or member.region.profile).profile.ImportPerson, request))


def _person(answer: Any) -> Person:
    person: Person = answer.person
    return person
