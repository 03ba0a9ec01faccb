"""How far a store has come: what is written in the transaction of every batch, beside its effects.

That is the position with its counts, receipts of this region's commands (``receipts``), how far it has come with each
origin (``origins``), what was refused (``trust``) and who is erased (``erasing``).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from services.chassis import erasing, origins, receipts, trust
from services.chassis.envelope import Fact
from services.chassis.origins import Reached
from services.chassis.receipts import Horizon
from services.chassis.store import Connection, TableDigest, digest_tables, one_row

CHASSIS_VERSION = 7
"""Grows, like a projection's own version, whenever the chassis would make other rows of the same log."""

_POSITION_SCHEMA = """
create table if not exists position (
    only_row integer primary key check (only_row = 1),
    sequence integer not null,
    skipped integer not null,
    refused integer not null,
    receipts_from_hour integer not null
);
insert or ignore into position values (1, 0, 0, 0, 0);
"""
CHASSIS_SCHEMA = _POSITION_SCHEMA + receipts.SCHEMA + origins.SCHEMA + trust.SCHEMA + erasing.SCHEMA
_NOT_DIGESTED = frozenset({"position", "refusals", "erased_late"})
"""The position names the digest; a ledger also counts what is erased since and would not be met again, as what came late."""


@dataclass(slots=True)
class Progress:
    """Where a store stands, how far it has come with the origins, and the facts that the latest batch brought."""

    sequence: int = 0
    skipped: int = 0
    refused: int = 0
    receipts: Horizon = field(default_factory=Horizon)
    met: dict[str, Reached] = field(default_factory=dict)
    facts: list[Fact[Any]] = field(default_factory=list)


def read_progress(db: Connection) -> Progress:
    """Return where the store stands, without its origins, which ``origins.read_reached`` returns."""
    select = "select sequence, skipped, refused, receipts_from_hour from position"
    sequence, skipped, refused, hour = one_row(db, select)
    return Progress(sequence, skipped, refused, Horizon(hour))


def write_progress(db: Connection, progress: Progress) -> None:
    """Write where the store stands, and the origins that ``progress`` has met."""
    db.execute(
        "update position set sequence = ?, skipped = ?, refused = ?, receipts_from_hour = ?",
        (progress.sequence, progress.skipped, progress.refused, progress.receipts.from_hour),
    )
    origins.write_origins(db, progress.met)


def applied_sequence(db: Connection) -> int:
    """Return the last sequence whose effect this snapshot shows."""
    return read_progress(db).sequence


def digest_projection(
    db: Connection, *, but: Mapping[str, Collection[str]] = MappingProxyType({})
) -> tuple[int, list[TableDigest]]:
    """Return the sequence that is applied and the digest of every table, as far as it follows from the log alone.

    ``but`` are columns that do not, by table, beside what is the chassis's own.
    """
    digests = digest_tables(db, but=but)
    return applied_sequence(db), [digest for digest in digests if digest.table not in _NOT_DIGESTED]
