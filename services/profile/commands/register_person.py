"""Register a person: at their own first sign-in, or by an importer."""

from __future__ import annotations

from dataclasses import dataclass

from samverka.profile.v1.profile_events_pb2 import PersonRegistered
from services.chassis.deciding import Decider, Intent, Outcome
from services.chassis.store import Connection
from services.profile.domain.handles import first_free
from services.profile.domain.profiles import Profile
from services.profile.finding import is_person


@dataclass(frozen=True, slots=True)
class RegisterPerson:
    """``handle`` is wished for; a number is added where somebody in the region has it."""

    intent: Intent
    region: str
    handle: str
    profile: Profile


async def register_person(command: RegisterPerson, *, decider: Decider) -> Outcome:
    """Register the intent's actor, unless they are registered."""
    person_id = command.intent.actor

    def decide(db: Connection) -> PersonRegistered | None:
        if is_person(db, person_id):
            return None
        return PersonRegistered(
            person_id=person_id,
            handle=first_free(command.handle, lambda handle: _is_taken(db, command.region, handle)),
            name=command.profile.name,
            title=command.profile.title,
            about=command.profile.about,
        )

    return await decider.carry_out(command.intent, decide, owner=person_id, directory=True)


def _is_taken(db: Connection, region: str, handle: str) -> bool:
    return bool(db.execute("select 1 from people where region = ? and handle = ?", (region, handle)).fetchone())
