"""What is read of a file to be compared, and how a difference is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.chassis.store import Connection
from simulation.reference.tables import Rows

OWN_TABLES = ("position", "receipts", "origins", "refusals", "erased_late", "erasure_holders", "removals")
"""What a region keeps for itself."""
_ARRIVALS = ("sequence", "changed")
"""Where something arrived in the region's own log: no two have it alike."""
_LOCAL = "local"


@dataclass(frozen=True, slots=True)
class Table:
    """A table without where things arrived: its columns, and the rows of either reach."""

    columns: tuple[str, ...]
    public: Rows
    local: Rows


def read_tables(db: Connection) -> dict[str, Table]:
    """Return all that follows from the log and from nothing else."""
    names = [str(name) for (name,) in db.execute("select name from sqlite_schema where type = 'table'").fetchall()]
    return {name: _read(db, name) for name in names if name not in OWN_TABLES}


def _read(db: Connection, name: str) -> Table:
    found = [str(column) for (column,) in db.execute("select name from pragma_table_info(?)", (name,))]
    columns = tuple(column for column in found if column not in _ARRIVALS)
    rows = {tuple(row) for row in db.execute(f"select {', '.join(columns)} from {name}")}
    if _LOCAL not in columns:
        return Table(columns, rows, set())
    place = columns.index(_LOCAL)
    local = {row for row in rows if row[place]}
    return Table(columns, rows - local, local)


def rows_apart(expected: Rows, found: Rows) -> str:
    return f"missing {some(expected - found)}, too many {some(found - expected)}"


def some(things: set[Any]) -> str:
    shown = sorted(map(str, things))[:3]
    return f"{len(things)}: {shown}" if things else "none"
