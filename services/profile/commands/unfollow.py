"""Stop following a person."""

from __future__ import annotations

from dataclasses import dataclass

from samverka.profile.v1.profile_events_pb2 import PersonUnfollowed
from services.chassis.deciding import Decider, Intent, Outcome
from services.chassis.erasing import is_erased
from services.chassis.errors import NotFound
from services.chassis.store import Connection
from services.profile.finding import is_person


@dataclass(frozen=True, slots=True)
class Unfollow:
    intent: Intent
    person_id: str


async def unfollow(command: Unfollow, *, decider: Decider) -> Outcome:
    """Stop following ``person_id``, whom the network may have forgotten since; nothing happens if the actor does not."""
    follower, followed = command.intent.actor, command.person_id

    def decide(db: Connection) -> PersonUnfollowed | None:
        if not is_person(db, followed) and not is_erased(db, followed):
            raise NotFound("There is no such person.", code="person_not_found", field="person_id")
        if not db.execute("select 1 from follows where follower = ? and followed = ?", (follower, followed)).fetchone():
            return None
        return PersonUnfollowed(person_id=follower, followed_id=followed)

    return await decider.carry_out(command.intent, decide, owner=follower)
