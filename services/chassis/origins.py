"""How far a projection has come with each origin, and what it holds of it, so that two regions can compare.

A register has one writing region, so what a projection holds of an origin depends on how far it has come with that origin's
events, and on nothing else: not on arrival, not on what other regions wrote. A digest over an origin's registers is
therefore equal in every region that has come as far.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

from services.chassis.ids import home_of
from services.chassis.store import Connection

SCHEMA = """
create table if not exists origins (
    origin text primary key,
    sequence integer not null,
    at_ms integer not null,
    entry_id text not null
) without rowid;
"""


class Reached(NamedTuple):
    """How far a projection has come with an origin: the last sequence of its log, and when it wrote that by its own clock.

    ``at_ms`` is in milliseconds since 1970; 0: nothing that it wrote could be read. ``entry_id`` is the id of the entry that
    stands at ``sequence``, so that two regions can tell whether they mean the same one.
    """

    sequence: int
    at_ms: int
    entry_id: str


@dataclass(frozen=True, slots=True)
class Register:
    """The columns of a table that an origin decides; ``owner`` and ``key`` are columns too, ``where`` leaves rows out.

    Left out is what others may not know (local content), what is derived (a count) and what depends on arrival (a sequence).
    """

    table: str
    owner: str
    key: str
    values: str = ""
    where: str = ""

    def statement(self) -> str:
        columns = ", ".join(filter(None, (self.owner, self.key, self.values)))
        condition = f" where {self.where}" if self.where else ""
        return f"select {columns} from {self.table}{condition} order by {self.key}"


@dataclass(frozen=True, slots=True)
class OriginDigest:
    """What a projection holds of ``origin`` after the event ``sequence`` of that origin's log."""

    origin: str
    sequence: int
    rows: int
    sha256: bytes


@dataclass(frozen=True, slots=True)
class OwnerDigest:
    """What a projection holds in the registers of one owner."""

    owner: str
    rows: int
    sha256: bytes


def read_origins(db: Connection) -> dict[str, int]:
    """Return the last sequence of each origin's own log that has been met."""
    return {str(origin): int(str(sequence)) for origin, sequence in db.execute("select origin, sequence from origins")}


def read_reached(db: Connection) -> dict[str, Reached]:
    """Return how far each origin that has been met has come."""
    rows = db.execute("select origin, sequence, at_ms, entry_id from origins")
    return {str(row[0]): Reached(int(str(row[1])), int(str(row[2])), str(row[3])) for row in rows}


def known_sequence(db: Connection, origin: str) -> int:
    """Return the last sequence of ``origin``'s own log that has been met; 0: none."""
    row = db.execute("select sequence from origins where origin = ?", (origin,)).fetchone()
    return int(str(row[0])) if row else 0


def write_origins(db: Connection, met: Mapping[str, Reached]) -> None:
    """Note how far each origin has come, and when it wrote that, where that is known."""
    db.executemany(
        """
        insert into origins values (?, ?, ?, ?)
        on conflict do update set sequence = excluded.sequence, entry_id = excluded.entry_id,
            at_ms = coalesce(nullif(excluded.at_ms, 0), at_ms)
        """,
        [(origin, reached.sequence, reached.at_ms, reached.entry_id) for origin, reached in met.items()],
    )


def digest_origins(db: Connection, registers: Sequence[Register]) -> list[OriginDigest]:
    """Return the digest of every origin that has been met or that holds a row, by name."""
    digests = {origin: hashlib.sha256() for origin in read_origins(db)}
    rows = dict.fromkeys(digests, 0)
    for table, owner, row in _rows(db, registers):
        origin = home_of(owner)
        digests.setdefault(origin, hashlib.sha256()).update(_written(table, row))
        rows[origin] = rows.get(origin, 0) + 1
    sequences = read_origins(db)
    return [
        OriginDigest(origin, sequences.get(origin, 0), rows[origin], digest.digest())
        for origin, digest in sorted(digests.items())
    ]


def digest_owners(db: Connection, registers: Sequence[Register], origin: str) -> list[OwnerDigest]:
    """Return the digest of each owner at home in ``origin`` of whom a row is held, by name."""
    digests: dict[str, tuple[int, Any]] = {}
    for table, owner, row in _rows(db, registers):
        if home_of(owner) == origin:
            rows, digest = digests.get(owner, (0, hashlib.sha256()))
            digest.update(_written(table, row))
            digests[owner] = (rows + 1, digest)
    return [OwnerDigest(owner, rows, digest.digest()) for owner, (rows, digest) in sorted(digests.items())]


def _written(table: str, row: Sequence[Any]) -> bytes:
    return orjson.dumps((table, row), default=_hexadecimal)


def _rows(db: Connection, registers: Sequence[Register]) -> Iterator[tuple[str, str, Sequence[Any]]]:
    for register in sorted(registers, key=lambda register: register.table):
        for row in db.execute(register.statement()):
            yield register.table, str(row[0]), row


def _hexadecimal(value: object) -> str:
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(f"{type(value).__name__} has no place in a digest")
