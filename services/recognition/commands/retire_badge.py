"""Retire a badge: nobody awards it any more, and what was awarded stays."""

from __future__ import annotations

from dataclasses import dataclass

from samverka.recognition.v1.recognition_events_pb2 import BadgeRetired
from services.chassis.deciding import Decider, Intent, Outcome
from services.chassis.store import Connection
from services.recognition.domain.badges import require_badge, require_home
from services.recognition.finding import find_terms


@dataclass(frozen=True, slots=True)
class RetireBadge:
    intent: Intent
    region: str
    badge_id: str


async def retire_badge(command: RetireBadge, *, decider: Decider) -> Outcome:
    """Retire the badge, which is at home in ``region``; nothing happens if it is retired already."""

    def decide(db: Connection) -> BadgeRetired | None:
        badge = require_badge(find_terms(db, command.badge_id))
        require_home(badge.badge_id, command.region)
        return None if badge.retired else BadgeRetired(badge_id=badge.badge_id)

    return await decider.carry_out(command.intent, decide, owner=command.badge_id)
