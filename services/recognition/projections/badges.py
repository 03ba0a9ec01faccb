"""Badges, from what their home region decides."""

from __future__ import annotations

from typing import Final

import orjson

from samverka.recognition.v1.recognition_events_pb2 import BadgeDefined, BadgeRetired
from services.chassis.awards import is_badge, is_of_home
from services.chassis.envelope import Fact
from services.chassis.projection import Handlers, Refused
from services.chassis.store import Connection
from services.recognition.projections.counting import count_awards


def apply_badge_defined(db: Connection, fact: Fact[BadgeDefined]) -> None:
    """Keep the badge; the awards that came before it take effect, as far as it lets them."""
    badge = fact.payload
    if not is_badge(badge, owner=fact.owner, origin=fact.origin, actor=fact.actor):
        raise Refused
    db.execute(
        "insert into badges values (?, ?, ?, ?, ?, ?, ?, ?, ?, 0) on conflict do nothing",
        (
            fact.sequence,
            badge.badge_id,
            fact.origin,
            badge.name,
            badge.criteria,
            badge.kind,
            badge.value,
            badge.monthly_limit,
            orjson.dumps(list(badge.awarder_ids)).decode(),
        ),
    )
    if not db.changes():
        raise Refused
    count_awards(db, badge.badge_id)


def apply_badge_retired(db: Connection, fact: Fact[BadgeRetired]) -> None:
    """Keep that it is retired. An award that its giver's home made without knowing stays: nobody can say what came first."""
    if not is_of_home(fact.payload.badge_id, owner=fact.owner, origin=fact.origin, actor=fact.actor):
        raise Refused
    db.execute("update badges set retired = 1 where id = ? and retired = 0", (fact.payload.badge_id,))
    if not db.changes():
        raise Refused


HANDLERS: Final[Handlers] = {BadgeDefined: apply_badge_defined, BadgeRetired: apply_badge_retired}
