"""Thanks and awards, each in its giver's register: given, and withdrawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import orjson

from samverka.recognition.v1.recognition_events_pb2 import (
    VISIBILITY_PRIVATE,
    BadgeAwarded,
    RecognitionWithdrawn,
    ThanksGiven,
)
from services.chassis.awards import is_gift, month_of
from services.chassis.envelope import Fact
from services.chassis.ids import region_of
from services.chassis.projection import Handlers, Refused
from services.chassis.store import Connection
from services.recognition.projections.counting import count_award


def apply_thanks_given(db: Connection, fact: Fact[ThanksGiven]) -> None:
    thanks = fact.payload
    _give(db, fact, thanks.receiver_ids, badge_id=None, value=thanks.value)


def apply_badge_awarded(db: Connection, fact: Fact[BadgeAwarded]) -> None:
    """Keep the award; it counts once its badge is here, if that lets it."""
    award = fact.payload
    if not region_of(award.badge_id):
        raise Refused
    _give(db, fact, [award.receiver_id], badge_id=award.badge_id, value="")
    count_award(db, fact.sequence)


def apply_recognition_withdrawn(db: Connection, fact: Fact[RecognitionWithdrawn]) -> None:
    """Keep nothing but that it was given, to whom, and that it is one of its month's."""
    db.execute(
        """
        update recognitions set message = '', value = '', withdrawn = 1, counts = 0
        where id = ? and giver = ? and withdrawn = 0
        """,
        (fact.payload.recognition_id, fact.actor),
    )
    if not db.changes():
        raise Refused
    db.execute("insert into withdrawals values (?, ?)", (fact.sequence, fact.payload.recognition_id))


def _give(
    db: Connection,
    fact: Fact[ThanksGiven] | Fact[BadgeAwarded],
    receivers: Sequence[str],
    *,
    badge_id: str | None,
    value: str,
) -> None:
    given = fact.payload
    if region_of(given.recognition_id) != fact.origin:
        raise Refused
    if not is_gift(fact.actor, receivers, given.visibility, given.given_at_ms):
        raise Refused
    db.execute(
        """
        insert into recognitions values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11,
            (select count(*) + 1 from recognitions where giver = ?4 and badge_id = ?6 and month = ?11), 0, ?6 is null)
        on conflict do nothing
        """,
        (
            fact.sequence,
            given.recognition_id,
            fact.origin,
            fact.actor,
            orjson.dumps(list(receivers)).decode(),
            badge_id,
            given.message,
            value,
            given.visibility == VISIBILITY_PRIVATE,
            given.given_at_ms,
            month_of(given.given_at_ms),
        ),
    )
    if not db.changes():
        raise Refused
    db.executemany("insert into receivers values (?, ?)", [(person, fact.sequence) for person in receivers])


HANDLERS: Final[Handlers] = {
    ThanksGiven: apply_thanks_given,
    BadgeAwarded: apply_badge_awarded,
    RecognitionWithdrawn: apply_recognition_withdrawn,
}
