"""What a profile may hold."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from services.chassis.errors import Invalid
from services.chassis.ids import parse
from services.chassis.text import parse_text
from services.chassis.working_week import Span

NAME_CHARACTERS_MAX = 100
TITLE_CHARACTERS_MAX = 200
ABOUT_CHARACTERS_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Profile:
    """What a person says of themselves; an empty text, or no hours: it is not told."""

    name: str
    title: str
    about: str
    manager_id: str = ""
    time_zone: str = ""
    working_hours: Sequence[Span] = ()


def parse_name(name: str) -> str:
    """Return a person's name. Raises Invalid."""
    return parse_text(name, field="name", characters_max=NAME_CHARACTERS_MAX, lines=False)


def nearest_name(text: str) -> str:
    """Return the beginning of ``text`` that is a name: a token may hold a longer one, which keeps nobody out."""
    return parse_name(unicodedata.normalize("NFC", text).strip()[:NAME_CHARACTERS_MAX])


def parse_title(title: str) -> str:
    """Return what a person does, which may be nothing yet. Raises Invalid."""
    return parse_text(title, field="title", characters_max=TITLE_CHARACTERS_MAX, required=False, lines=False)


def parse_about(about: str) -> str:
    """Return what a person tells, in Markdown, which may be nothing yet. Raises Invalid."""
    return parse_text(about, field="about", characters_max=ABOUT_CHARACTERS_MAX, required=False)


def parse_manager_id(manager_id: str) -> str:
    """Return the id of who leads a person, or an empty text. Raises Invalid."""
    return parse(manager_id, field="manager_id") if manager_id else ""


def require_other(person_id: str, manager_id: str) -> None:
    """Raise Invalid if a person would lead themselves.

    A circle of several is let be: nothing goes up from a manager to theirs, and regions that each close it would never know.
    """
    if person_id == manager_id:
        raise Invalid("Nobody is their own manager.", code="own_self", field="manager_id")
