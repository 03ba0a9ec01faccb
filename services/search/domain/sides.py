"""On which side of private groups' doors something stands: outside, where everybody finds it, or inside, for the members.

Every word in the index carries the mark of its side. So what everybody may find is looked for by its words alone, which is
several times as fast as holding each hit against the viewer's audiences.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

EVERYBODY: Final = "public"
"""The audience of what stands outside; each private group has one of its own."""


class Side(StrEnum):
    """The marks. No letter is in them, so no word begins with one; they differ in two places, so no typo leads across."""

    OUTSIDE = "++"
    INSIDE = "--"

    def mark(self, words: str) -> str:
        """Return words, separated by single spaces, as those of this side."""
        return f"{self}{words.replace(' ', f' {self}')}" if words else ""


def side_of(audience: str) -> Side:
    """Return the side on which what has this audience stands."""
    return Side.OUTSIDE if audience == EVERYBODY else Side.INSIDE
