"""What must hold when everything is healed and delivered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from functools import partial
from typing import Any

from samverka.network.v1.network_events_pb2 import ErasureOrdered
from services.chassis.clock import physical_ms
from services.chassis.envelope import open_event
from services.chassis.eventlog.port import Entry
from services.chassis.eventlog.subjects import stream_name
from services.chassis.origins import digest_origins
from services.chassis.projection import Projection
from services.chassis.store import Connection
from services.chassis.trust import refusals
from simulation.reference import Reference, Rows
from simulation.regions import Region
from simulation.replicas import Replica
from simulation.trace import Violation

_DRIFT_MS_MAX = 60_000
_FORGED = "_forged-"
_OWN_TABLES = ("position", "receipts", "origins", "refusals")
"""What a region keeps for itself."""


async def check(
    regions: Mapping[str, Region], reference: Reference, *, liars: Collection[str], refused: Mapping[str, int]
) -> None:
    """Compare everything with everything; raises Violation.

    ``refused`` is how many forgeries of the ``liars`` each service must have refused.
    """
    logs = {name: await region.entries() for name, region in regions.items()}
    tables = reference.rows()
    too_late = sum(_after_their_erasure(log) for log in logs.values())
    _check_logs(logs)
    for name, region in regions.items():
        if name not in liars:
            _check_clock(region, logs[name])
        for replica in region.replicas:
            _check_reference(region, replica, tables)
            forged = refused.get(replica.projection.service, 0)
            _check_refused(region, replica, liars=liars, forged=forged, too_late=too_late)
            _check_positions(region, replica, {name: log for name, log in logs.items() if name not in liars})
    _check_agreement(regions)


def _check_logs(logs: Mapping[str, list[Entry]]) -> None:
    """Every log holds what each origin's own log holds of public entries: all of it, once, in its order, and no more."""
    for origin, entries in logs.items():
        _check_once(origin, entries)
        sent = [entry.message_id for entry in entries if entry.source is None and _is_public(entry)]
        for name, log in logs.items():
            if name == origin:
                continue
            got = [entry.message_id for entry in log if entry.message_id.startswith(f"{origin}_")]
            if got != sent:
                raise Violation(f"{name} holds other entries of {origin}: {_difference(sent, got)}")


def _is_public(entry: Entry) -> bool:
    return ".local." not in entry.subject


def _check_once(origin: str, entries: list[Entry]) -> None:
    keys: Counter[tuple[str, str]] = Counter()
    for entry in entries:
        event = open_event(entry.data)
        if event is not None and event.idempotency_key:
            keys[event.actor, event.idempotency_key] += 1
    twice = [key for key, count in keys.items() if count > 1]
    if twice:
        raise Violation(f"{origin} holds more than one event of a command: {twice}")


def _after_their_erasure(log: list[Entry]) -> int:
    """Return how many of a region's own events stand behind the erasure of the person whose they are."""
    erased: set[str] = set()
    count = 0
    for entry in log:
        if entry.source is not None or _FORGED in entry.message_id:
            continue
        event = open_event(entry.data)
        order = ErasureOrdered()
        if event is not None and event.payload.Unpack(order):
            erased.add(order.person_id)
        elif entry.subject.rpartition(".")[2] in erased:
            count += 1
    return count


def _check_clock(region: Region, entries: list[Entry]) -> None:
    """No other region's clock has dragged this one's along."""
    for entry in entries:
        event = open_event(entry.data)
        if event is None or entry.source is not None or _FORGED in entry.message_id:
            continue
        if physical_ms(event.occurred_at) > region.clock.highest_ms + _DRIFT_MS_MAX:
            ahead_ms = physical_ms(event.occurred_at) - region.clock.highest_ms
            raise Violation(f"{region.name} wrote {event.id} {ahead_ms} ms ahead of its own clock")


def _check_reference(region: Region, replica: Replica, tables: Mapping[str, tuple[str, Rows]]) -> None:
    for table, (query, expected) in tables.items():
        service, _, _ = table.partition(".")
        if service == replica.projection.service:
            found = replica.store.read_now(partial(_select, query))
            if found != expected:
                raise Violation(
                    f"{table} of {region.name} is not what was acknowledged: {_rows_apart(expected, found)}"
                )


def _check_refused(region: Region, replica: Replica, *, liars: Collection[str], forged: int, too_late: int) -> None:
    """What was forged was refused, or the word of the erased, and nothing else; the ledger says who sent it."""
    refused = forged + too_late
    who = f"{replica.projection.service} of {region.name}"
    if replica.runner.refused_events != refused:
        raise Violation(f"{who} refused {replica.runner.refused_events} events, not {refused}")
    ledger = replica.store.read_now(refusals)
    senders = {*liars, *map(stream_name, liars)}
    of_liars = {row for row in ledger if row[2] != "erased"}
    if sum(row[3] for row in of_liars) != forged or not {row[0] for row in of_liars} <= senders:
        raise Violation(f"the ledger of {who} has {ledger}, where {forged} events of {liars} were refused")


def _check_positions(region: Region, replica: Replica, logs: Mapping[str, list[Entry]]) -> None:
    """It knows how far it has come with each origin: to the end of what the origin's own log let out."""
    for origin, log in logs.items():
        own = [entry.sequence for entry in log if entry.source is None and (origin == region.name or _is_public(entry))]
        if own and replica.runner.origins.get(origin) != own[-1]:
            raise Violation(f"{region.name} is at {replica.runner.origins} and {origin} at {own[-1]}")


def _check_agreement(regions: Mapping[str, Region]) -> None:
    """All replicas hold the same: by the digests that regions compare, and by their rows, derived ones and times too."""
    first: dict[str, tuple[str, Rows, dict[str, Rows]]] = {}
    for name, region in regions.items():
        for replica in region.replicas:
            digests, content = (
                replica.store.read_now(partial(_digests, replica.projection)),
                replica.store.read_now(_content),
            )
            other, expected, rows = first.setdefault(replica.projection.service, (name, digests, content))
            for table in content:
                if content[table] != rows[table]:
                    raise Violation(f"{table} of {name} and {other} differ: {_rows_apart(rows[table], content[table])}")
            if digests != expected:
                raise Violation(f"the digests of {name} and {other} differ: {_rows_apart(expected, digests)}")


def _select(query: str, db: Connection) -> Rows:
    return {tuple(row) for row in db.execute(query)}


def _digests(projection: Projection, db: Connection) -> Rows:
    return {(digest.origin, digest.rows, digest.sha256) for digest in digest_origins(db, projection.registers)}


def _content(db: Connection) -> dict[str, Rows]:
    names = [str(name) for (name,) in db.execute("select name from sqlite_schema where type = 'table'")]
    return {name: _rows(db, name) for name in names if name not in _OWN_TABLES}


def _rows(db: Connection, table: str, *, without: str = "sequence") -> Rows:
    columns = [
        str(name) for (name,) in db.execute("select name from pragma_table_info(?)", (table,)) if name != without
    ]
    return {tuple(row) for row in db.execute(f"select {', '.join(columns)} from {table}")}


def _rows_apart(expected: Rows, found: Rows) -> str:
    return f"missing {_some(expected - found)}, too many {_some(found - expected)}"


def _difference(sent: list[str], got: list[str]) -> str:
    missing, more = Counter(sent) - Counter(got), Counter(got) - Counter(sent)
    if not missing and not more:
        return "in another order"
    return f"missing {_some(set(missing))}, too many {_some(set(more))}"


def _some(things: set[Any]) -> str:
    shown = sorted(map(str, things))[:3]
    return f"{len(things)}: {shown}" if things else "none"
