"""Reading a table of TOML strictly: what is wrong is noted with its place, and reading goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Check = Callable[[str], str]
"""Returns what is wrong with a value, as the rest of a sentence; empty if nothing is."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table at ``place`` of a document; ``faults`` is shared by all tables of the document."""

    content: Mapping[str, Any]
    place: str
    faults: list[str]

    def fault(self, text: str) -> None:
        self.faults.append(f"{self.place}: {text}" if self.place else text)

    def has(self, key: str) -> bool:
        return key in self.content

    def allow_only(self, *keys: str) -> None:
        for key in self.content:
            if key not in keys:
                self.fault(f"{key!r} is unknown; there are {', '.join(keys)}")

    def text(self, key: str, *, default: str | None = None, check: Check) -> str:
        """Return a text; empty, and a fault is noted, if it is missing or wrong."""
        if key not in self.content:
            if default is None:
                self.fault(f"{key} is missing")
            return default or ""
        value = self.content[key]
        wrong = check(value) if isinstance(value, str) else "is not a text"
        if wrong:
            self.fault(f"{key}: {value!r} {wrong}")
            return ""
        return str(value)

    def flag(self, key: str) -> bool:
        """Return true or false; false if it is missing, or wrong, which is noted."""
        value = self.content.get(key, False)
        if not isinstance(value, bool):
            self.fault(f"{key}: {value!r} is neither true nor false")
        return value is True

    def tables(self, key: str, *, count_max: int) -> list[Table]:
        """Return a list of tables, at least one, at most ``count_max``."""
        values = self.content.get(key)
        if not isinstance(values, list) or not values or not all(isinstance(value, dict) for value in values):
            self.fault(f"{key} is not a list of tables, such as [[{key}]]")
            return []
        if len(values) > count_max:
            self.fault(f"{key}: there are {len(values)}; at most {count_max} are possible")
            return []
        return [Table(value, _place(key, index, value), self.faults) for index, value in enumerate(values, start=1)]

    def pairs(self, key: str) -> list[tuple[str, str]]:
        """Return a list of pairs of texts."""
        values = self.content[key]
        if not isinstance(values, list):
            self.fault(f'{key} is not a list of pairs, such as [["a", "b"]]')
            return []
        pairs = []
        for index, value in enumerate(values, start=1):
            if isinstance(value, list) and len(value) == 2 and all(isinstance(part, str) for part in value):
                pairs.append((value[0], value[1]))
            else:
                self.fault(f"{key}, number {index}: {value!r} is not a pair of texts")
        return pairs


def _place(key: str, index: int, value: Mapping[str, Any]) -> str:
    name = value.get("name")
    return f"{key}, number {index}" + (f" ({name})" if isinstance(name, str) and name.isprintable() else "")
