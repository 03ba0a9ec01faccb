"""Which awards count: those that their badge lets, whichever of the two comes first."""

from __future__ import annotations

from services.chassis.awards import lets
from services.chassis.store import Connection

_LETS = lets("recognitions")


def count_awards(db: Connection, badge_id: str) -> None:
    """Let the awards of a badge that has come count, unless they are withdrawn."""
    db.execute(f"update recognitions set counts = {_LETS} where badge_id = ? and withdrawn = 0", (badge_id,))


def count_award(db: Connection, sequence: int) -> None:
    """Let an award that has come count, if its badge is here and lets it."""
    db.execute(f"update recognitions set counts = {_LETS} where sequence = ?", (sequence,))
