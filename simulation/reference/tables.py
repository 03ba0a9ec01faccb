"""How the reference says what a table must hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

Rows = set[tuple[Any, ...]]

Tables = Mapping[str, tuple[str, Rows]]
"""By service and table, the query over the service's file, and the rows that it must give."""

Reaching = TypeVar("Reaching", bound=Any)


def reaching(things: Iterable[Reaching], region: str) -> list[Reaching]:
    """Return those of the things that ``region`` may hold: what is public, and what is local there."""
    return [thing for thing in things if not thing.local or thing.id.startswith(f"{region}_")]
