"""The names of an erasure: one for each person, the same however often it is ordered."""

from __future__ import annotations

from services.chassis.ids import derive, region_of


def erasure_id(person_id: str) -> str:
    """Return the id of the person's erasure."""
    return derive(region_of(person_id), "erasure", person_id)


def everything_of(person_id: str) -> str:
    """Return the filter for all that the person has written, in the log of any region."""
    return f"ev.{region_of(person_id)}.*.*.{person_id}"
