"""Thanks and awards: what they hold, to whom they may go, and who may take them back."""

from __future__ import annotations

from collections.abc import Iterable

from samverka.recognition.v1.recognition_events_pb2 import (
    VISIBILITY_PRIVATE,
    VISIBILITY_PUBLIC,
    VISIBILITY_UNSPECIFIED,
    Visibility,
)
from services.chassis.awards import RECEIVERS_MAX
from services.chassis.errors import Forbidden, Invalid, NotFound
from services.chassis.ids import parse
from services.chassis.text import parse_text

MESSAGE_CHARACTERS_MAX = 2_000
VALUE_CHARACTERS_MAX = 80


def parse_receivers(receiver_ids: Iterable[str], *, giver: str, field: str) -> tuple[str, ...]:
    """Return who is thanked, each once. Raises Invalid, also where the giver is among them."""
    receivers = tuple(dict.fromkeys(parse(person_id, field=field) for person_id in receiver_ids))
    if not receivers:
        raise Invalid("Say to whom.", code="empty", field=field)
    if len(receivers) > RECEIVERS_MAX:
        raise Invalid(f"At most {RECEIVERS_MAX} people at once.", code="too_many_people", field=field)
    if giver in receivers:
        raise Invalid("Nobody recognises themselves.", code="own_self", field=field)
    return receivers


def parse_message(message: str) -> str:
    """Return what a giver says. Raises Invalid."""
    return parse_text(message, field="message", characters_max=MESSAGE_CHARACTERS_MAX)


def parse_value(value: str) -> str:
    """Return the company's value that something shows; empty: none. Raises Invalid."""
    return parse_text(value, field="value", characters_max=VALUE_CHARACTERS_MAX, required=False, lines=False)


def parse_visibility(visibility: Visibility.ValueType) -> Visibility.ValueType:
    """Return a visibility that is known; public if none was asked for. Raises Invalid."""
    if visibility == VISIBILITY_UNSPECIFIED:
        return VISIBILITY_PUBLIC
    if visibility not in (VISIBILITY_PUBLIC, VISIBILITY_PRIVATE):
        raise Invalid("That is not a visibility.", code="unknown_visibility", field="visibility")
    return visibility


def require_giver(giver: str | None, actor: str) -> None:
    """Raise unless the actor gave it; None: it is not there, or not for the actor."""
    if giver is None:
        raise NotFound("There is no such recognition.", code="recognition_not_found", field="recognition_id")
    if giver != actor:
        raise Forbidden("Only its giver may do that.", code="not_giver", field="recognition_id")
