"""The profile service's tables, made from the events of people."""

from __future__ import annotations

from importlib.resources import files

from services.chassis.projection import Projection
from services.profile.projections import follows, people

VERSION = 1


def profile_projection() -> Projection:
    """Return the projection of the profile service."""
    schema = (files("services.profile") / "schema.sql").read_text()
    return Projection("profile", VERSION, schema, {**people.HANDLERS, **follows.HANDLERS})
