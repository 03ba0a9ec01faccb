"""Receipts of this region's own commands: which idempotency key led to which event.

They are forgotten after ``limits.RECEIPT_KEPT_HOURS`` of the log's own time, so that a replay forgets the same ones. A
replay knows beforehand what it would forget again (``horizon_hour``) and does not even write it: in a log of half a year
that is nearly all of them.
"""

from __future__ import annotations

from dataclasses import dataclass

from samverka.event.v1.event_pb2 import Event
from services.chassis import limits
from services.chassis.clock import physical_ms
from services.chassis.envelope import open_event
from services.chassis.eventlog.port import EventLog
from services.chassis.eventlog.subjects import register_of
from services.chassis.store import Connection

_HOUR_MS = 3_600_000

SCHEMA = """
create table if not exists receipts (
    actor text not null,
    key text not null,
    digest blob not null,
    event_id text not null,
    hour integer not null,
    primary key (actor, key)
) without rowid;
create index if not exists receipts_by_hour on receipts (hour);
"""


@dataclass(slots=True)
class Horizon:
    """The hour (since 1970) from which receipts are kept; it only moves on."""

    from_hour: int = 0


def find_receipt(db: Connection, actor: str, key: str) -> tuple[bytes, str] | None:
    """Return the digest of the command that ``actor`` sent under ``key``, and the id of the event it led to."""
    return db.execute("select digest, event_id from receipts where actor = ? and key = ?", (actor, key)).fetchone()


def keep_receipt(db: Connection, event: Event, horizon: Horizon) -> None:
    """Remember the event by its command's key, and forget what is older than the horizon, which the event may move."""
    if not event.idempotency_key:
        return
    hour = physical_ms(event.occurred_at) // _HOUR_MS
    if hour - limits.RECEIPT_KEPT_HOURS > horizon.from_hour:
        horizon.from_hour = hour - limits.RECEIPT_KEPT_HOURS
        db.execute("delete from receipts where hour < ?", (horizon.from_hour,))
    if hour >= horizon.from_hour:
        db.execute(
            "insert or ignore into receipts values (?, ?, ?, ?, ?)",
            (event.actor, event.idempotency_key, event.command_digest, event.id, hour),
        )


def horizon_hour(last: int) -> int:
    """Return the hour from which a log leaves receipts whose last own event has the hybrid timestamp ``last``."""
    return max(0, physical_ms(last) // _HOUR_MS - limits.RECEIPT_KEPT_HOURS)


async def last_own_timestamp(log: EventLog, region: str) -> int:
    """Return the hybrid timestamp of the last event that the region itself wrote; 0 if there is none.

    Also 0 where a peer's forgery stands last under the region's subjects: its time would drag our clock along.
    """
    own = register_of(region, "*")
    last = await log.last_sequence(own)
    entry = await log.read(own, after=last - 1) if last else None
    event = open_event(entry.data) if entry and entry.source is None else None
    return event.occurred_at if event else 0
