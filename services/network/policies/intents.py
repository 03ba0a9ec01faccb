"""The region as the one who acts."""

from __future__ import annotations

from services.chassis.deciding import Intent
from services.chassis.ids import region_actor


def intent_of(region: str, *, recorded_by: str = "") -> Intent:
    """Return the intent of the region itself; ``recorded_by`` is who asked for it, if somebody did."""
    return Intent(actor=region_actor(region), recorded_by=recorded_by, authored_at_ms=0, key="", digest=b"")
