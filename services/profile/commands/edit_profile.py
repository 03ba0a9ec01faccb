"""Edit one's own profile."""

from __future__ import annotations

from dataclasses import dataclass

from samverka.profile.v1.profile_events_pb2 import ProfileEdited
from services.chassis.deciding import Decider, Intent, Outcome
from services.chassis.errors import NotFound
from services.chassis.store import Connection


@dataclass(frozen=True, slots=True)
class EditProfile:
    """None leaves a field as it is."""

    intent: Intent
    name: str | None
    title: str | None
    about: str | None


async def edit_profile(command: EditProfile, *, decider: Decider) -> Outcome:
    """Set the fields that are given; nothing happens if they are so already."""
    person_id = command.intent.actor

    def decide(db: Connection) -> ProfileEdited | None:
        now = db.execute("select name, title, about from people where id = ?", (person_id,)).fetchone()
        if now is None:
            raise NotFound("Sign in first.", code="person_not_found")
        wanted = (command.name, command.title, command.about)
        name, title, about = (old if new is None else new for old, new in zip(now, wanted, strict=True))
        if (name, title, about) == tuple(now):
            return None
        return ProfileEdited(person_id=person_id, name=name, title=title, about=about)

    return await decider.carry_out(command.intent, decide, owner=person_id)
