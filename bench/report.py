"""Figures, and how they are told."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import apsw
import orjson
from rich.console import Console
from rich.table import Table

_WIDTH_CHARACTERS = 140


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing that was measured."""

    name: str
    value: float
    unit: str


def show(figures: Sequence[Figure]) -> None:
    """Print a table, and what machine it is about."""
    table = Table("figure", "value", "unit", caption=", ".join(f"{name} {value}" for name, value in machine().items()))
    table.columns[1].justify = "right"
    for figure in figures:
        digits = 0 if figure.value >= 100 else 2 if figure.unit else 3
        table.add_row(figure.name, f"{figure.value:,.{digits}f}", figure.unit)
    Console(width=_WIDTH_CHARACTERS).print(table)


def write(figures: Sequence[Figure], file: Path) -> None:
    """Write the figures as JSON."""
    told = {"machine": machine(), "figures": [asdict(figure) for figure in figures]}
    file.write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2))


def machine() -> dict[str, str]:
    """Return what the figures depend on and the code does not say; the load is of the minute before."""
    return {
        "cores": str(os.cpu_count()),
        "load": f"{os.getloadavg()[0]:.1f}",
        "system": f"{platform.system()} {platform.machine()}",
        "Python": platform.python_version(),
        "SQLite": apsw.sqlite_lib_version(),
    }
