"""The profile service's tables, made from the events of people."""

from __future__ import annotations

from importlib.resources import files

from services.chassis.origins import Register
from services.chassis.projection import Projection
from services.profile.projections import follows, people
from services.profile.projections.erasing import erase_person

VERSION = 3
REGISTERS = (
    Register(
        "people",
        owner="id",
        key="id",
        values="handle, region, name, title, about, manager_id, time_zone, working_hours, joined_at_ms",
    ),
    Register("follows", owner="follower", key="follower, followed"),
)


def profile_projection() -> Projection:
    """Return the projection of the profile service."""
    schema = (files("services.profile") / "schema.sql").read_text()
    return Projection("profile", VERSION, schema, {**people.HANDLERS, **follows.HANDLERS}, REGISTERS, erase_person)
