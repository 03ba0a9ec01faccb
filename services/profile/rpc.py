"""The profile service over gRPC: requests are parsed here, carried out below, and answered with what is shown."""

from __future__ import annotations

from typing import Any

import grpc.aio

from samverka.profile.v1 import profile_service_pb2 as pb
from samverka.profile.v1.profile_service_pb2_grpc import ProfileServiceServicer
from samverka.profile.v1.profile_views_pb2 import Person
from services.chassis.auth import current_caller, require_role
from services.chassis.deciding import Decider, Intent, parse_intent
from services.chassis.erasing import is_erased
from services.chassis.errors import Invalid, NotFound
from services.chassis.eventlog.port import Position
from services.chassis.ids import parse
from services.chassis.projection import ProjectionRunner, applied_sequence
from services.chassis.text import parse_text
from services.profile.commands.edit_profile import EditProfile, edit_profile
from services.profile.commands.follow import Follow, follow
from services.profile.commands.register_person import RegisterPerson, register_person
from services.profile.commands.unfollow import Unfollow, unfollow
from services.profile.domain.handles import slug
from services.profile.domain.profiles import (
    Profile,
    nearest_name,
    parse_about,
    parse_manager_id,
    parse_name,
    parse_title,
)
from services.profile.domain.working_hours import parse_time_zone, parse_working_hours
from services.profile.queries.get_person import person_by_handle, person_by_id

_SOURCE_CHARACTERS_MAX = 200
_SIGN_IN_KEY = "sign in"
"""With a space, which no key of a client has: all of those stay the person's own."""
Context = grpc.aio.ServicerContext[Any, Any]


class ProfileRpc(ProfileServiceServicer):
    """What integrators and the gateway call."""

    def __init__(self, *, region: str, decider: Decider, runner: ProjectionRunner) -> None:
        self._region = region
        self._decider = decider
        self._runner = runner

    async def SignIn(self, request: pb.SignInRequest, context: Context) -> pb.SignInResponse:
        caller = current_caller()
        person, position = self._found(caller.person_id)
        if person is not None:  # another replica may not know them yet: the position makes it wait
            return pb.SignInResponse(person=person, position=position.message())
        command = RegisterPerson(
            intent=Intent(actor=caller.person_id, recorded_by="", authored_at_ms=0, key=_SIGN_IN_KEY, digest=b""),
            region=self._region,
            handle=slug(caller.handle),
            profile=Profile(name=nearest_name(caller.name), title="", about=""),
        )
        outcome = await register_person(command, decider=self._decider)
        return pb.SignInResponse(
            person=self._shown(caller.person_id, viewer=caller.person_id), position=outcome.position.message()
        )

    async def ImportPerson(self, request: pb.ImportPersonRequest, context: Context) -> pb.ImportPersonResponse:
        caller = require_role("importer")
        intent = parse_intent(request, request.context, caller, self._region)
        source = parse_text(request.source, field="source", characters_max=_SOURCE_CHARACTERS_MAX, lines=False)
        key = parse_text(request.source_key, field="source_key", characters_max=_SOURCE_CHARACTERS_MAX, lines=False)
        person_id = self._decider.ids.derive("imported", source, key)
        command = RegisterPerson(
            intent=Intent(person_id, caller.person_id, intent.authored_at_ms, intent.key, intent.digest),
            region=self._region,
            handle=slug(request.handle or request.name),
            profile=Profile(parse_name(request.name), parse_title(request.title), parse_about(request.about)),
        )
        outcome = await register_person(command, decider=self._decider)
        person = self._shown(person_id, viewer=caller.person_id)
        return pb.ImportPersonResponse(person=person, position=outcome.position.message())

    async def EditProfile(self, request: pb.EditProfileRequest, context: Context) -> pb.EditProfileResponse:
        command = EditProfile(
            intent=parse_intent(request, request.context, current_caller(), self._region),
            name=parse_name(request.name) if request.HasField("name") else None,
            title=parse_title(request.title) if request.HasField("title") else None,
            about=parse_about(request.about) if request.HasField("about") else None,
            manager_id=parse_manager_id(request.manager_id) if request.HasField("manager_id") else None,
            time_zone=parse_time_zone(request.time_zone) if request.HasField("time_zone") else None,
            working_hours=parse_working_hours(request.working_hours.hours)
            if request.HasField("working_hours")
            else None,
        )
        outcome = await edit_profile(command, decider=self._decider)
        person = self._shown(command.intent.actor, viewer=command.intent.actor)
        return pb.EditProfileResponse(person=person, position=outcome.position.message())

    async def Follow(self, request: pb.FollowRequest, context: Context) -> pb.FollowResponse:
        intent = parse_intent(request, request.context, current_caller(), self._region)
        command = Follow(intent, parse(request.person_id, field="person_id"))
        outcome = await follow(command, decider=self._decider)
        person = self._shown(command.person_id, viewer=intent.actor)
        return pb.FollowResponse(person=person, position=outcome.position.message())

    async def Unfollow(self, request: pb.UnfollowRequest, context: Context) -> pb.UnfollowResponse:
        intent = parse_intent(request, request.context, current_caller(), self._region)
        command = Unfollow(intent, parse(request.person_id, field="person_id"))
        outcome = await unfollow(command, decider=self._decider)
        if self._runner.store.read_now(lambda db: is_erased(db, command.person_id)):
            return pb.UnfollowResponse(position=outcome.position.message())
        person = self._shown(command.person_id, viewer=intent.actor)
        return pb.UnfollowResponse(person=person, position=outcome.position.message())

    async def GetPerson(self, request: pb.GetPersonRequest, context: Context) -> pb.GetPersonResponse:
        viewer = current_caller().person_id
        match request.WhichOneof("by"):
            case "id":
                person_id = parse(request.id, field="id")
                person = self._runner.store.read_now(lambda db: person_by_id(db, person_id, viewer=viewer))
            case "handle":
                handle, _, region = request.handle.partition("@")
                person = self._runner.store.read_now(
                    lambda db: person_by_handle(db, handle, region=region or self._region, viewer=viewer)
                )
            case _:
                raise Invalid("Ask by id or by handle.", code="empty", field="id")
        if person is None:
            raise NotFound("There is no such person.", code="person_not_found", field=request.WhichOneof("by") or "")
        return pb.GetPersonResponse(person=person)

    def _found(self, person_id: str) -> tuple[Person | None, Position]:
        """Return a person as they see themselves, and the position at which that holds."""
        person, sequence = self._runner.store.read_now(
            lambda db: (person_by_id(db, person_id, viewer=person_id), applied_sequence(db))
        )
        return person, Position(self._runner.position.epoch, sequence)

    def _shown(self, person_id: str, *, viewer: str) -> Person:
        person = self._runner.store.read_now(lambda db: person_by_id(db, person_id, viewer=viewer))
        if person is None:
            raise self._decider.not_shown()
        return person
