"""People, and the stand-in of the service that knows them."""

from __future__ import annotations

from typing import Any

from samverka.profile.v1 import profile_service_pb2 as profile_pb2
from samverka.profile.v1 import profile_views_pb2 as profile_views
from samverka.profile.v1.profile_events_pb2 import WEEKDAY_FRIDAY, WorkingHours
from samverka.profile.v1.profile_service_pb2_grpc import ProfileServiceServicer
from services.chassis.errors import NotFound
from services.chassis.ids import derive
from tests.gateway.fakes.answering import REGION, Fake, answers_with


def person_id(handle: str) -> str:
    return derive(REGION, "person", handle)


def person(handle: str) -> profile_views.Person:
    return profile_views.Person(
        id=person_id(handle),
        handle=handle,
        name=handle.title(),
        title=f"{handle}'s title",
        about="Hello.",
        region=REGION,
        joined_at_ms=1_700_000_000_123,
        follower_count=3,
        following_count=2,
        manager_id=person_id("ann") if handle != "ann" else "",
        time_zone="Europe/Stockholm",
        working_hours=[WorkingHours(weekday=WEEKDAY_FRIDAY, start_minute=480, end_minute=1020)],
    )


def _caller_person(_fake: Any, _request: Any) -> profile_pb2.SignInResponse:
    return profile_pb2.SignInResponse(person=person("ann"), position=_fake.position())


def _found(_fake: Any, request: profile_pb2.GetPersonRequest) -> profile_pb2.GetPersonResponse:
    known = {person_id(handle): handle for handle in ("ann", "bo", "cy")}
    handle = known.get(request.id) if request.WhichOneof("by") == "id" else request.handle
    if handle not in known.values():
        raise NotFound("There is no such person.", field=str(request.WhichOneof("by")))
    return profile_pb2.GetPersonResponse(person=person(str(handle)))


class FakeProfile(Fake, ProfileServiceServicer):
    """A profile service in which ann, bo and cy live; ``unfollowed`` is who can be: None: somebody who was erased."""

    unfollowed: profile_views.Person | None = person("bo")

    SignIn = answers_with("SignIn", _caller_person)
    ImportPerson = answers_with("ImportPerson", lambda fake, request: profile_pb2.ImportPersonResponse())
    GetPerson = answers_with("GetPerson", _found)
    EditProfile = answers_with(
        "EditProfile",
        lambda fake, request: profile_pb2.EditProfileResponse(person=person("ann"), position=fake.position()),
    )
    Follow = answers_with(
        "Follow", lambda fake, request: profile_pb2.FollowResponse(person=person("bo"), position=fake.position())
    )
    Unfollow = answers_with(
        "Unfollow", lambda fake, request: profile_pb2.UnfollowResponse(person=fake.unfollowed, position=fake.position())
    )
