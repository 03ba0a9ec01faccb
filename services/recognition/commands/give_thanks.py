"""Thank one or several people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from samverka.recognition.v1.recognition_events_pb2 import ThanksGiven, Visibility
from services.chassis.clock import Clock
from services.chassis.deciding import Decider, Intent, Outcome
from services.chassis.store import Connection
from services.recognition.finding import require_people, was_given


@dataclass(frozen=True, slots=True)
class GiveThanks:
    intent: Intent
    recognition_id: str
    receiver_ids: Sequence[str]
    message: str
    value: str
    visibility: Visibility.ValueType


async def give_thanks(command: GiveThanks, *, decider: Decider, clock: Clock) -> Outcome:
    """Thank the receivers; nothing happens if ``recognition_id`` was given already."""
    giver = command.intent.actor

    def decide(db: Connection) -> ThanksGiven | None:
        if was_given(db, command.recognition_id):
            return None
        require_people(db, giver, command.receiver_ids, field="receiver_ids")
        return ThanksGiven(
            recognition_id=command.recognition_id,
            receiver_ids=command.receiver_ids,
            message=command.message,
            value=command.value,
            visibility=command.visibility,
            given_at_ms=command.intent.authored_at_ms or clock.wall_ms(),
        )

    return await decider.carry_out(command.intent, decide, owner=giver)
