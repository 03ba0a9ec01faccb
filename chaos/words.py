"""Words that nothing else holds: each text of the load has one, shared by a few of the same author and audience.

Search is asked for these. One word for several texts asks for many at once; and none is so like another that search could
take the one for a mistyped other.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

TEXTS_OF_A_WORD_MAX: Final = 100
"""So many texts stand on one page of what is found."""
_LETTERS: Final = "bcdfghjklmnpqrtv"
_BEGINNING: Final = "zq"
_WORD: Final = re.compile(rf"\b{_BEGINNING}[{_LETTERS}]{{16}}\b")


def word_of(author: str, number: int, *, audience: str) -> str:
    """Return the word of an author's text with that number."""
    named = f"{author} {audience} {number // TEXTS_OF_A_WORD_MAX}"
    digest = hashlib.blake2b(named.encode(), digest_size=8).digest()
    return _BEGINNING + "".join(_LETTERS[half] for byte in digest for half in (byte >> 4, byte & 15))


def words_in(*texts: str) -> set[str]:
    """Return the words of this kind that stand in texts."""
    return {word for text in texts for word in _WORD.findall(text)}


def words_of(inputs: Iterable[Mapping[str, Any]]) -> set[str]:
    """Return every word that was ever written."""
    return words_in(*(text for given in inputs for text in given.values() if isinstance(text, str)))
