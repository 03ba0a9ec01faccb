"""Recognition as the feed shows it, made of the events of givers and badges. What is private is kept without a word.

A private award has no post; it is one of its giver's month, which decides on those that have.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import orjson

from samverka.recognition.v1.recognition_events_pb2 import (
    VISIBILITY_PRIVATE,
    BadgeAwarded,
    BadgeDefined,
    RecognitionWithdrawn,
    ThanksGiven,
)
from services.chassis.awards import is_badge, is_gift, month_of
from services.chassis.envelope import Fact
from services.chassis.ids import region_of
from services.chassis.projection import Handlers, Refused
from services.chassis.store import Connection
from services.feed.projections.praising import settle_praise


def apply_badge_defined(db: Connection, fact: Fact[BadgeDefined]) -> None:
    """Keep what the badge lets; the awards that came before it are shown, as far as it does."""
    badge = fact.payload
    if fact.local or not is_badge(badge, owner=fact.owner, origin=fact.origin, actor=fact.actor):
        raise Refused
    awarders = orjson.dumps(list(badge.awarder_ids)).decode()
    row = (badge.badge_id, fact.origin, badge.kind, badge.monthly_limit, awarders)
    db.execute("insert into badges values (?, ?, ?, ?, ?) on conflict do nothing", row)
    if not db.changes():
        raise Refused
    awards = db.execute("select sequence from praises where badge_id = ?", (badge.badge_id,)).fetchall()
    for (sequence,) in awards:
        settle_praise(db, int(str(sequence)))


def apply_thanks_given(db: Connection, fact: Fact[ThanksGiven]) -> None:
    _give(db, fact, fact.payload.receiver_ids, badge_id=None)


def apply_badge_awarded(db: Connection, fact: Fact[BadgeAwarded]) -> None:
    if not region_of(fact.payload.badge_id):
        raise Refused
    _give(db, fact, [fact.payload.receiver_id], badge_id=fact.payload.badge_id)


def apply_recognition_withdrawn(db: Connection, fact: Fact[RecognitionWithdrawn]) -> None:
    """Keep nothing but that it was given, and is one of its month's."""
    withdrawn = db.execute(
        """
        update praises set receivers = '[]', message = '', withdrawn = 1
        where id = ? and giver = ? and withdrawn = 0 returning sequence
        """,
        (fact.payload.recognition_id, fact.actor),
    ).fetchone()
    if withdrawn is None:
        raise Refused
    sequence = int(str(withdrawn[0]))
    settle_praise(db, sequence)
    db.execute("delete from praised where sequence = ?", (sequence,))


def _give(
    db: Connection, fact: Fact[ThanksGiven] | Fact[BadgeAwarded], receivers: Sequence[str], *, badge_id: str | None
) -> None:
    given = fact.payload
    if fact.local or region_of(given.recognition_id) != fact.origin:
        raise Refused
    if not is_gift(fact.actor, receivers, given.visibility, given.given_at_ms):
        raise Refused
    private = given.visibility == VISIBILITY_PRIVATE
    shown_to = [] if private else list(receivers)
    db.execute(
        """
        insert into praises values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11,
            (select count(*) + 1 from praises where giver = ?5 and badge_id = ?7 and month = ?11), 0)
        on conflict do nothing
        """,
        (
            fact.sequence,
            given.recognition_id,
            fact.origin,
            fact.origin_sequence,
            fact.actor,
            orjson.dumps(shown_to).decode(),
            badge_id,
            "" if private else given.message,
            private,
            given.given_at_ms,
            month_of(given.given_at_ms),
        ),
    )
    if not db.changes():
        raise Refused
    db.executemany("insert into praised values (?, ?)", [(person, fact.sequence) for person in shown_to])
    settle_praise(db, fact.sequence)


HANDLERS: Final[Handlers] = {
    BadgeDefined: apply_badge_defined,
    ThanksGiven: apply_thanks_given,
    BadgeAwarded: apply_badge_awarded,
    RecognitionWithdrawn: apply_recognition_withdrawn,
}
