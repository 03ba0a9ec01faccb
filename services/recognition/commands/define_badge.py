"""Define a badge, at home in the region of who defines it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from samverka.recognition.v1.recognition_events_pb2 import BadgeDefined, BadgeKind
from services.chassis.deciding import Decider, Intent, Outcome
from services.chassis.store import Connection
from services.recognition.finding import find_terms, require_people


@dataclass(frozen=True, slots=True)
class DefineBadge:
    """A ``monthly_limit`` of 0 is none; ``awarder_ids`` are empty where nobody in particular is named."""

    intent: Intent
    badge_id: str
    name: str
    criteria: str
    kind: BadgeKind.ValueType
    value: str
    monthly_limit: int
    awarder_ids: Sequence[str]


async def define_badge(command: DefineBadge, *, decider: Decider) -> Outcome:
    """Define the badge; nothing happens if ``badge_id`` is there already."""

    def decide(db: Connection) -> BadgeDefined | None:
        if find_terms(db, command.badge_id) is not None:
            return None
        require_people(db, command.intent.actor, command.awarder_ids, field="awarder_ids")
        return BadgeDefined(
            badge_id=command.badge_id,
            name=command.name,
            criteria=command.criteria,
            kind=command.kind,
            value=command.value,
            monthly_limit=command.monthly_limit,
            awarder_ids=command.awarder_ids,
        )

    return await decider.carry_out(command.intent, decide, owner=command.badge_id)
