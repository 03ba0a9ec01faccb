"""Text as it comes from people: parsed once at the edge, so that what is inside can be trusted."""

from __future__ import annotations

import unicodedata

from services.chassis.errors import Invalid

_NOT_TEXT = ("Cc", "Cs")
_LINE_ENDS = ("Zl", "Zp")
_ALLOWED_CONTROLS = frozenset("\n\t")
_FORMAT = "Cf"
_BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and a symbol of no ink: the fillers of Hangul, and Braille without a dot."""
_MARKS_IN_A_ROW_MAX = 30
"""Of UAX #15's stream-safe text; no language comes near it. Normalising takes the square of a longer row."""


def parse_text(value: str, *, field: str, characters_max: int, required: bool = True, lines: bool = True) -> str:
    """Return ``value`` in NFC with Unix line ends; Invalid if nobody sees any of it, it is too long or no text.

    ``lines`` False is for a single line: no line ends, no tabs, and no space at either end.
    """
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    if len(text) > characters_max * 4:  # normalising may shorten to a quarter, and not further
        raise _too_long(field, characters_max)
    if _has_long_row_of_marks(text):
        raise Invalid("It holds too many marks on one character.", code="too_many_marks", field=field)
    text = unicodedata.normalize("NFC", text)
    if not lines:
        text = text.strip()
    if all(map(_is_unseen, text)):
        if required:
            raise Invalid("It must not be empty.", code="empty", field=field)
        return ""
    if len(text) > characters_max:
        raise _too_long(field, characters_max)
    if any(not _is_text(character, lines=lines) for character in text):
        raise Invalid("It holds characters that are not text.", code="control_characters", field=field)
    return text


def _has_long_row_of_marks(text: str) -> bool:
    row = 0
    for character in () if text.isascii() else text:
        row = row + 1 if unicodedata.combining(character) else 0
        if row > _MARKS_IN_A_ROW_MAX:
            return True
    return False


def _is_text(character: str, *, lines: bool) -> bool:
    if lines and character in _ALLOWED_CONTROLS:
        return True
    return unicodedata.category(character) not in (_NOT_TEXT if lines else _NOT_TEXT + _LINE_ENDS)


def _is_unseen(character: str) -> bool:
    return character.isspace() or character in _BLANKS or unicodedata.category(character) == _FORMAT


def _too_long(field: str, characters_max: int) -> Invalid:
    return Invalid(f"It must not be longer than {characters_max:,} characters.", code="too_long", field=field)
