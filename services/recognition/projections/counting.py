"""Which awards count: those that their badge lets, whichever of the two comes first.

A badge says who may award it and how many times a month; an award says which one of its giver's month it is, by the order of
the giver's own register. So it follows from the two origins' events alone, and is the same wherever both are.
"""

from __future__ import annotations

from samverka.recognition.v1.recognition_events_pb2 import BADGE_KIND_PEER
from services.chassis.store import Connection

LETS = f"""
    exists (
        select 1 from badges badge where badge.id = recognitions.badge_id
            and (badge.monthly_limit = 0 or recognitions.nth <= badge.monthly_limit)
            and case
                when badge.kind = {BADGE_KIND_PEER} then 1
                when badge.awarders = '[]' then badge.region = recognitions.origin
                else recognitions.giver in (select value from json_each(badge.awarders))
            end
    )
"""


def count_awards(db: Connection, badge_id: str) -> None:
    """Let the awards of a badge that has come count, unless they are withdrawn."""
    db.execute(f"update recognitions set counts = {LETS} where badge_id = ? and withdrawn = 0", (badge_id,))


def count_award(db: Connection, sequence: int) -> None:
    """Let an award that has come count, if its badge is here and lets it."""
    db.execute(f"update recognitions set counts = {LETS} where sequence = ?", (sequence,))
