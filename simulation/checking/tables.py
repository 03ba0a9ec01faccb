"""Every replica has the rows that follow from what was acknowledged."""

from __future__ import annotations

from functools import partial

from services.chassis.store import Connection
from simulation.checking.comparing import rows_apart
from simulation.reference.tables import Rows, Tables
from simulation.regions import Region
from simulation.replicas import Replica
from simulation.trace import Violation


def check_reference(region: Region, replica: Replica, tables: Tables) -> None:
    for table, (query, expected) in tables.items():
        service, _, _ = table.partition(".")
        if service == replica.projection.service:
            found = replica.store.read_now(partial(_select, query))
            if found != expected:
                raise Violation(f"{table} of {region.name} is not what was acknowledged: {rows_apart(expected, found)}")


def _select(query: str, db: Connection) -> Rows:
    return {tuple(row) for row in db.execute(query)}
