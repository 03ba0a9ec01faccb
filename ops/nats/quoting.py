"""Strings of nats-server's configuration language."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from ops.failure import Failure


def quoted(text: str) -> str:
    """Return ``text`` as a string of the language; Failure if it cannot stand there."""
    if any(unicodedata.category(character) == "Cc" for character in text):
        raise Failure(f"{text!r} holds control characters, which nats-server's configuration cannot.")
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def quoted_list(texts: Iterable[str]) -> str:
    """Return ``texts`` as an array of strings."""
    return f"[{', '.join(map(quoted, texts))}]"
