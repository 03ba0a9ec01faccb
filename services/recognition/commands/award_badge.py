"""Award a badge, within the giver's allowance.

The allowance is not counted and then hoped for: the award is appended on condition that the giver's register has not moved
since its awards were counted. So it holds for any number of requests at any number of replicas.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from samverka.recognition.v1.recognition_events_pb2 import BadgeAwarded, Visibility
from services.chassis.awards import month_of
from services.chassis.clock import Clock
from services.chassis.deciding import Decider, Intent, Outcome
from services.chassis.store import Connection
from services.recognition.domain.allowances import require_allowance
from services.recognition.domain.badges import require_awarder, require_badge
from services.recognition.finding import awarded, find_terms, require_people, was_given


@dataclass(frozen=True, slots=True)
class AwardBadge:
    """``roles`` are the giver's, as their token says."""

    intent: Intent
    recognition_id: str
    badge_id: str
    receiver_id: str
    message: str
    visibility: Visibility.ValueType
    roles: Collection[str]


async def award_badge(command: AwardBadge, *, decider: Decider, clock: Clock) -> Outcome:
    """Award the badge; nothing happens if ``recognition_id`` was given already."""
    giver = command.intent.actor

    def decide(db: Connection) -> BadgeAwarded | None:
        if was_given(db, command.recognition_id):
            return None
        require_people(db, giver, [command.receiver_id], field="receiver_id")
        badge = require_badge(find_terms(db, command.badge_id))
        require_awarder(badge, giver, command.roles)
        given_at_ms = command.intent.authored_at_ms or clock.wall_ms()
        require_allowance(awarded(db, giver, badge.badge_id, month_of(given_at_ms)), badge.monthly_limit)
        return BadgeAwarded(
            recognition_id=command.recognition_id,
            badge_id=command.badge_id,
            receiver_id=command.receiver_id,
            message=command.message,
            visibility=command.visibility,
            given_at_ms=given_at_ms,
        )

    return await decider.carry_out(command.intent, decide, owner=giver)
