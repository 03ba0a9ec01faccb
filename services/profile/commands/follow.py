"""Follow a person, so that their posts come into one's home feed."""

from __future__ import annotations

from dataclasses import dataclass

from samverka.profile.v1.profile_events_pb2 import PersonFollowed
from services.chassis.deciding import Decider, Intent, Outcome
from services.chassis.errors import Exhausted, Invalid, NotFound
from services.chassis.store import Connection
from services.profile.finding import is_person

FOLLOWED_PEOPLE_MAX = 5_000


@dataclass(frozen=True, slots=True)
class Follow:
    intent: Intent
    person_id: str


async def follow(command: Follow, *, decider: Decider) -> Outcome:
    """Follow ``person_id``; nothing happens if the actor does already."""
    follower, followed = command.intent.actor, command.person_id

    def decide(db: Connection) -> PersonFollowed | None:
        if follower == followed:
            raise Invalid("Nobody follows themselves.", code="own_self", field="person_id")
        if not is_person(db, followed):
            raise NotFound("There is no such person.", code="person_not_found", field="person_id")
        mine = db.execute("select following_count from people where id = ?", (follower,)).fetchone()
        if mine is None:
            raise NotFound("Sign in first.", code="person_not_found")
        if db.execute("select 1 from follows where follower = ? and followed = ?", (follower, followed)).fetchone():
            return None
        if mine[0] >= FOLLOWED_PEOPLE_MAX:
            raise Exhausted(f"Nobody follows more than {FOLLOWED_PEOPLE_MAX:,} people.", code="too_many_followed")
        return PersonFollowed(person_id=follower, followed_id=followed)

    return await decider.carry_out(command.intent, decide, owner=follower)
