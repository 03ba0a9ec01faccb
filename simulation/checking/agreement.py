"""All replicas hold the same: by the digests that regions compare, and by their rows, derived ones and times too."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from services.chassis.origins import digest_origins
from services.chassis.projection import Projection
from services.chassis.store import Connection
from simulation.checking.comparing import read_tables, rows_apart
from simulation.reference.tables import Rows
from simulation.regions import Region
from simulation.replicas import Replica
from simulation.trace import Violation

_OF_BOTH_REACHES = ("question_lists",)
"""Tables whose rows for what is public do not tell themselves from those for what is local; pages show what is in them."""


def check_agreement(regions: Mapping[str, Region]) -> None:
    """Compare public rows with every region's, and local ones within each."""
    public: dict[str, tuple[str, dict[str, Rows]]] = {}
    local: dict[tuple[str, str], tuple[str, dict[str, Rows]]] = {}
    digests: dict[str, tuple[str, dict[str, Rows]]] = {}
    for name, region in regions.items():
        for replica in region.replicas:
            service, tables = replica.projection.service, replica.store.read_now(read_tables)
            held = {table: rows.public for table, rows in tables.items() if table not in _OF_BOTH_REACHES}
            _compare(name, held, *public.setdefault(service, (name, held)))
            held = {table: rows.local for table, rows in tables.items()}
            _compare(name, held, *local.setdefault((service, name), (name, held)))
            held = {"the digests": _digests(replica)}
            _compare(name, held, *digests.setdefault(service, (name, held)))


def _compare(name: str, held: dict[str, Rows], other: str, expected: dict[str, Rows]) -> None:
    for table, rows in held.items():
        if rows != expected[table]:
            raise Violation(f"{table} of {name} and {other} differ: {rows_apart(expected[table], rows)}")


def _digests(replica: Replica) -> Rows:
    return replica.store.read_now(partial(_read_digests, replica.projection))


def _read_digests(projection: Projection, db: Connection) -> Rows:
    return {(digest.origin, digest.rows, digest.sha256) for digest in digest_origins(db, projection.registers)}
