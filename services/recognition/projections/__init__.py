"""The recognition service's tables, made from the events of people, badges and givers."""

from __future__ import annotations

from importlib.resources import files

from services.chassis.origins import Register
from services.chassis.projection import Projection
from services.recognition.projections import badges, gifts, people
from services.recognition.projections.erasing import erase_person

VERSION = 1
REGISTERS = (
    Register("people", owner="id", key="id", values="handle, name, manager_id"),
    Register("badges", owner="id", key="id", values="name, criteria, kind, value, monthly_limit, awarders, retired"),
    Register(
        "recognitions",
        owner="giver",
        key="id",
        values="receivers, badge_id, message, value, private, given_at_ms, nth, withdrawn",
    ),
)


def recognition_projection() -> Projection:
    """Return the projection of the recognition service."""
    schema = (files("services.recognition") / "schema.sql").read_text()
    handlers = {**people.HANDLERS, **badges.HANDLERS, **gifts.HANDLERS}
    return Projection("recognition", VERSION, schema, handlers, REGISTERS, erase_person)
