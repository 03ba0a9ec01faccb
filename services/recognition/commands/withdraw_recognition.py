"""Take back thanks or an award, for good."""

from __future__ import annotations

from dataclasses import dataclass

from samverka.recognition.v1.recognition_events_pb2 import RecognitionWithdrawn
from services.chassis.deciding import Decider, Intent, Outcome
from services.chassis.store import Connection
from services.recognition.domain.gifts import require_giver
from services.recognition.finding import giver_of


@dataclass(frozen=True, slots=True)
class WithdrawRecognition:
    intent: Intent
    recognition_id: str


async def withdraw_recognition(command: WithdrawRecognition, *, decider: Decider) -> Outcome:
    """Withdraw what the actor gave; an award stays counted against the month's allowance."""
    giver = command.intent.actor

    def decide(db: Connection) -> RecognitionWithdrawn:
        require_giver(giver_of(db, command.recognition_id, giver), giver)
        return RecognitionWithdrawn(recognition_id=command.recognition_id)

    return await decider.carry_out(command.intent, decide, owner=giver)
