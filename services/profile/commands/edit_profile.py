"""Edit one's own profile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

from samverka.profile.v1.profile_events_pb2 import ProfileEdited
from services.chassis.deciding import Decider, Intent, Outcome
from services.chassis.errors import NotFound
from services.chassis.store import Connection
from services.chassis.working_week import Span
from services.profile.domain.profiles import Profile, require_other
from services.profile.domain.working_hours import as_messages
from services.profile.finding import find_profile, is_person


@dataclass(frozen=True, slots=True)
class EditProfile:
    """None leaves a field as it is."""

    intent: Intent
    name: str | None = None
    title: str | None = None
    about: str | None = None
    manager_id: str | None = None
    time_zone: str | None = None
    working_hours: Sequence[Span] | None = None


async def edit_profile(command: EditProfile, *, decider: Decider) -> Outcome:
    """Set the fields that are given; nothing happens if they are so already."""
    person_id = command.intent.actor

    def decide(db: Connection) -> ProfileEdited | None:
        now = find_profile(db, person_id)
        if now is None:
            raise NotFound("Sign in first.", code="person_not_found")
        wanted = _changed(now, command)
        if wanted == now:
            return None
        if wanted.manager_id != now.manager_id:
            _require_manager(db, person_id, wanted.manager_id)
        return _edited(person_id, wanted)

    return await decider.carry_out(command.intent, decide, owner=person_id)


def _changed(now: Profile, command: EditProfile) -> Profile:
    wanted = {field.name: getattr(command, field.name) for field in fields(Profile)}
    return Profile(**{name: getattr(now, name) if new is None else new for name, new in wanted.items()})


def _require_manager(db: Connection, person_id: str, manager_id: str) -> None:
    require_other(person_id, manager_id)
    if manager_id and not is_person(db, manager_id):
        raise NotFound("There is no such person.", code="person_not_found", field="manager_id")


def _edited(person_id: str, profile: Profile) -> ProfileEdited:
    return ProfileEdited(
        person_id=person_id,
        name=profile.name,
        title=profile.title,
        about=profile.about,
        manager_id=profile.manager_id,
        time_zone=profile.time_zone,
        working_hours=as_messages(profile.working_hours),
    )
