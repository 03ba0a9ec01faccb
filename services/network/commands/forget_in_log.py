"""Say that the region's log has forgotten a person: nothing that they wrote is left in it."""

from __future__ import annotations

from dataclasses import dataclass

from samverka.network.v1.network_events_pb2 import PersonForgotten
from services.chassis.deciding import Decider, Intent, Outcome, WithReach
from services.chassis.store import Connection
from services.network.domain.erasures import LOG


@dataclass(frozen=True, slots=True)
class ForgetInLog:
    """``events`` is how many were taken out of the log for it."""

    intent: Intent
    region: str
    person_id: str
    events: int


async def forget_in_log(command: ForgetInLog, *, decider: Decider) -> Outcome:
    """Say so, within the region; nothing happens if it has been said."""
    key = (command.person_id, LOG)

    def decide(db: Connection) -> WithReach | None:
        if db.execute("select 1 from erasure_holders where person = ? and holder = ?", key).fetchone():
            return None
        said = PersonForgotten(person_id=command.person_id, holder=LOG, events=command.events)
        return WithReach(said, "local")

    return await decider.carry_out(command.intent, decide, owner=command.region)
