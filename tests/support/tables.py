"""A projection's tables in memory, to which a test applies facts of its own making, forged ones too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from copy import copy
from typing import Any

import apsw
from google.protobuf.message import Message

from services.chassis.envelope import Fact
from services.chassis.ids import derive, home_of
from services.chassis.projection import Projection, Refused
from services.chassis.store import Connection


def an_id(name: str, *, region: str = "stockholm") -> str:
    """Return the id of what a test calls ``name``."""
    return derive(region, name)


class Tables:
    """What a projection makes of facts, in the order in which they are applied."""

    def __init__(self, projection: Projection) -> None:
        self.db = apsw.Connection(":memory:")
        self.db.execute(projection.schema)
        self._handlers = projection.handlers
        self._sequence = 0
        self._origins: Counter[str] = Counter()

    def apply(
        self,
        payload: Message,
        *,
        actor: str,
        at_ms: int = 1,
        sequence: int = 0,
        owner: str = "",
        local: bool = False,
        event: int = 0,
    ) -> bool:
        """Apply a fact on ``actor``'s own register or ``owner``'s, from the region of that; False if it is refused.

        ``event`` is its place in the log of its origin, after which it is named; 0: the next one.
        """
        self._sequence = sequence or self._sequence + 1
        owner = owner or actor
        origin = home_of(owner)
        self._origins[origin] = event = event or self._origins[origin] + 1
        fact = Fact(self._sequence, event, f"event-{event}", origin, actor, at_ms, payload, owner, local)
        before = self.db.total_changes()
        try:
            self._handlers[type(payload)](self.db, fact)
        except Refused:
            assert self.db.total_changes() == before, "it was refused after it had written"
            return False
        return True

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.db.execute(statement, values)]

    def content(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return all that the tables hold but the sequences: where a thing stands in the log is each region's own."""
        names = [name for (name,) in self.rows("select name from sqlite_schema where type = 'table'")]
        return {name: self.rows_of(name) for name in names}

    def rows_of(self, table: str, *, where: str = "true") -> list[tuple[Any, ...]]:
        """Return rows of a table without their sequence, in an order that does not depend on it."""
        columns = [name for (name,) in self.rows("select name from pragma_table_info(?)", table) if name != "sequence"]
        return sorted(self.rows(f"select {', '.join(columns)} from {table} where {where}"), key=repr)


def plans(db: Connection, work: Callable[[Connection], object]) -> list[list[str]]:
    """Return SQLite's plan for each statement that ``work`` executes."""
    statements: list[tuple[str, Any]] = []

    def note(cursor: apsw.Cursor, statement: str, bindings: Any) -> bool:
        statements.append((statement, copy(bindings)))  # the caller may go on changing it
        return True

    db.exec_trace = note
    try:
        work(db)
    finally:
        db.exec_trace = None
    return [
        [str(row[3]) for row in db.execute(f"explain query plan {statement}", bindings)]
        for statement, bindings in statements
    ]


def scans(plan: list[str]) -> list[str]:
    """Return the steps of a plan that read a whole table or index; what a statement is given or makes itself is none."""
    made = {step.partition(" ")[2] for step in plan if step.startswith("CO-ROUTINE")}
    scanned = [step for step in plan if step.startswith("SCAN") and "VIRTUAL TABLE" not in step]
    return [step for step in scanned if step.partition(" ")[2] not in made]


def searches(plan: list[str]) -> list[str]:
    """Return the steps of a plan that look something up."""
    return [step for step in plan if step.startswith("SEARCH")]


def sorts(plan: list[str]) -> list[str]:
    """Return the steps of a plan that sort."""
    return [step for step in plan if "TEMP B-TREE" in step]
