"""The names of an erasure, the same however often it is ordered, and who in a region must have forgotten the person."""

from __future__ import annotations

from typing import Final

from services.chassis.ids import derive, region_of

LOG: Final = "log"
HOLDERS: Final = (LOG, "feed", "network", "profile", "recognition", "search")
"""The region's log, and every service that has a projection of it."""


def erasure_id(person_id: str) -> str:
    """Return the id of the person's erasure."""
    return derive(region_of(person_id), "erasure", person_id)


def everything_of(person_id: str) -> str:
    """Return the filter for all that the person has written, in the log of any region."""
    return f"ev.{region_of(person_id)}.*.*.{person_id}"
