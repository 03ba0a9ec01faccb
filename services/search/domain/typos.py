"""Whether one word is another with a typo: a letter wrong, missing, too many, or two neighbours swapped."""

from __future__ import annotations

TYPO_CHARACTERS_MIN = 4
"""Shorter words are all neighbours of each other."""


def within_one_typo(one: str, other: str) -> bool:
    """Whether at most one typo lies between the two (the restricted Damerau–Levenshtein distance is 0 or 1)."""
    if len(one) > len(other):
        one, other = other, one
    if len(other) - len(one) > 1:
        return False
    start = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
    if len(one) < len(other):
        return one[start:] == other[start + 1 :]
    rest, others = one[start:], other[start:]
    return rest[1:] == others[1:] or (rest[:2] == others[1::-1] and rest[2:] == others[2:])
