"""Recognition: badges, and what was given of it. Which counts is decided by the rules that all services share.

What is private is nobody's to find, and is kept without a word: it is one of its giver's month.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import orjson

from samverka.recognition.v1.recognition_events_pb2 import (
    VISIBILITY_PUBLIC,
    BadgeAwarded,
    BadgeDefined,
    RecognitionWithdrawn,
    ThanksGiven,
)
from services.chassis.awards import is_badge, is_gift, lets, month_of
from services.chassis.envelope import Fact
from services.chassis.ids import region_of
from services.chassis.projection import Handlers, Refused
from services.chassis.store import Connection
from services.search.projections.praising import settle_praise

_COUNTS = f"withdrawn = 0 and private = 0 and (badge_id is null or {lets('gifts')})"


def apply_badge_defined(db: Connection, fact: Fact[BadgeDefined]) -> None:
    """Keep the badge; the awards that came before it count, as far as it lets them."""
    badge = fact.payload
    if fact.local or not is_badge(badge, owner=fact.owner, origin=fact.origin, actor=fact.actor):
        raise Refused
    awarders = orjson.dumps(list(badge.awarder_ids)).decode()
    row = (badge.badge_id, fact.origin, badge.name, badge.criteria, badge.kind, badge.value, badge.monthly_limit)
    db.execute("insert into badges values (?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing", (*row, awarders))
    if not db.changes():
        raise Refused
    awards = db.execute(
        f"update gifts set counts = {_COUNTS} where badge_id = ? returning sequence", (badge.badge_id,)
    ).fetchall()
    for (sequence,) in awards:
        settle_praise(db, int(str(sequence)), now=fact.sequence)


def apply_thanks_given(db: Connection, fact: Fact[ThanksGiven]) -> None:
    _give(db, fact, fact.payload.receiver_ids, badge_id=None, value=fact.payload.value)


def apply_badge_awarded(db: Connection, fact: Fact[BadgeAwarded]) -> None:
    if not region_of(fact.payload.badge_id):
        raise Refused
    _give(db, fact, [fact.payload.receiver_id], badge_id=fact.payload.badge_id, value="")


def apply_recognition_withdrawn(db: Connection, fact: Fact[RecognitionWithdrawn]) -> None:
    withdrawn = db.execute(
        """
        update gifts set receivers = '[]', message = '', value = '', withdrawn = 1, counts = 0
        where id = ? and giver = ? and withdrawn = 0 returning sequence
        """,
        (fact.payload.recognition_id, fact.actor),
    ).fetchone()
    if withdrawn is None:
        raise Refused
    settle_praise(db, int(str(withdrawn[0])), now=fact.sequence)
    db.execute("delete from received where sequence = ?", withdrawn)


def _give(
    db: Connection,
    fact: Fact[ThanksGiven] | Fact[BadgeAwarded],
    receivers: Sequence[str],
    *,
    badge_id: str | None,
    value: str,
) -> None:
    given = fact.payload
    if fact.local or region_of(given.recognition_id) != fact.origin:
        raise Refused
    if not is_gift(fact.actor, receivers, given.visibility, given.given_at_ms):
        raise Refused
    public = given.visibility == VISIBILITY_PUBLIC
    told_of = list(receivers) if public else []
    db.execute(
        """
        insert into gifts values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11,
            (select count(*) + 1 from gifts where giver = ?4 and badge_id = ?6 and month = ?11), 0, 0)
        on conflict do nothing
        """,
        (
            fact.sequence,
            given.recognition_id,
            fact.origin,
            fact.actor,
            orjson.dumps(told_of).decode(),
            badge_id,
            given.message if public else "",
            value if public else "",
            not public,
            given.given_at_ms,
            month_of(given.given_at_ms),
        ),
    )
    if not db.changes():
        raise Refused
    db.executemany("insert into received values (?, ?)", [(person, fact.sequence) for person in told_of])
    db.execute(f"update gifts set counts = {_COUNTS} where sequence = ?", (fact.sequence,))
    settle_praise(db, fact.sequence, now=fact.sequence)


HANDLERS: Final[Handlers] = {
    BadgeDefined: apply_badge_defined,
    ThanksGiven: apply_thanks_given,
    BadgeAwarded: apply_badge_awarded,
    RecognitionWithdrawn: apply_recognition_withdrawn,
}
