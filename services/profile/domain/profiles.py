"""What a profile may hold."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from services.chassis.text import parse_text

NAME_CHARACTERS_MAX = 100
TITLE_CHARACTERS_MAX = 200
ABOUT_CHARACTERS_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Profile:
    """What a person says of themselves."""

    name: str
    title: str
    about: str


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
