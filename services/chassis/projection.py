"""Applying the log to a store: every event once, in order, its effect and its position in one transaction.

A projection is a schema and a handler for each payload that it has a use for. What is another service's is passed over.
A kind that this release does not know is skipped and counted, so that regions can be upgraded one at a time; an event that
breaks a rule is refused and counted. The file's name carries the schema's version and the log's epoch: another version or
another life of the log begins another file beside the old one, which is removed once the new one has caught up.

The runner also keeps the receipts of this region's own commands: which idempotency key led to which event. They are
forgotten after ``limits.RECEIPT_KEPT_HOURS`` of the log's own time, so that a replay forgets the same ones.
"""

from __future__ import annotations

import asyncio
import bisect
import itertools
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from google.protobuf.message import DecodeError, Message

from samverka.event.v1.event_pb2 import Event
from services.chassis import limits, telemetry
from services.chassis.cancelling import heed_cancellation
from services.chassis.clock import HybridClock, physical_ms
from services.chassis.envelope import Fact, at_ms, open_event, payload_name
from services.chassis.eventlog.port import Entry, EventLog, Position
from services.chassis.eventlog.subjects import parse_subject
from services.chassis.ids import region_of
from services.chassis.payloads import KNOWN_PAYLOADS
from services.chassis.store import Connection, Store, TableDigest, digest_tables, one_row, open_store, remove_store

_log = logging.getLogger(__name__)
_HOUR_MS = 3_600_000
_LOG_ASKED_EVERY_SECONDS = 1.0

CHASSIS_SCHEMA = """
create table if not exists position (
    only_row integer primary key check (only_row = 1),
    sequence integer not null,
    skipped integer not null,
    refused integer not null,
    receipts_from_hour integer not null
);
insert or ignore into position values (1, 0, 0, 0, 0);
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


class Refused(Exception):
    """What a handler raises, before it writes anything, for a fact that its actor or its origin had no right to."""


Handler = Callable[[Connection, Fact[Any]], None]
"""Applies one fact inside the batch's transaction. It must take every payload that can be parsed, in any order."""

Handlers = Mapping[type[Message], Handler]

Listener = Callable[[Sequence[Fact[Any]]], None]
"""Told what was applied, after its transaction is committed."""


@dataclass(frozen=True, slots=True)
class Projection:
    """What a service makes of the log. ``version`` grows whenever the same log would give other rows."""

    service: str
    version: int
    schema: str
    handlers: Handlers


@dataclass(slots=True)
class _Progress:
    sequence: int = 0
    skipped: int = 0
    refused: int = 0
    receipts_from_hour: int = 0
    facts: list[Fact[Any]] = field(default_factory=list)


class ProjectionRunner:
    """Follows a log and keeps one projection's store at it."""

    def __init__(
        self,
        *,
        projection: Projection,
        region: str,
        log: EventLog,
        data_dir: Path,
        hlc: HybridClock,
        events_per_transaction_max: int = limits.APPLY_EVENTS_MAX,
    ) -> None:
        self.projection = projection
        self.region = region
        self.listeners: list[Listener] = []
        self._log_followed = log
        self._hlc = hlc
        self._batch_max = events_per_transaction_max
        self._path = data_dir / f"{projection.service}.v{projection.version}.{log.epoch}.sqlite"
        self._handlers = {kind.DESCRIPTOR.full_name: (kind, handler) for kind, handler in projection.handlers.items()}
        self.store: Store = open_store(self._path, CHASSIS_SCHEMA + projection.schema)
        self._progress = _Progress()
        self._log_last = 0
        self._asked_log = False
        self._caught_up = False
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._turn = itertools.count()

    @property
    def position(self) -> Position:
        """The last position that every reader of the store sees."""
        return Position(self._log_followed.epoch, self._progress.sequence)

    @property
    def skipped_events(self) -> int:
        return self._progress.skipped

    @property
    def refused_events(self) -> int:
        return self._progress.refused

    def lag_events(self) -> int:
        """Return how many sequences of the log are not applied, as of the last look at the log."""
        return max(0, self._log_last - self._progress.sequence)

    def ready(self) -> bool:
        """Whether reads are near enough to the log: caught up once, and not far behind since."""
        return self._caught_up and self.lag_events() <= limits.READY_LAG_EVENTS_MAX

    async def load(self) -> None:
        """Read from the store how far it has come; call it once, before anything else."""
        self._progress = await self.store.read(_read_progress)

    async def wait_applied(self, position: Position, *, timeout_seconds: float) -> bool:
        """Wait until ``position`` is applied; False if it is not in time, or belongs to another life of the log."""
        if position.epoch != self._log_followed.epoch:
            return False
        if position.sequence <= self._progress.sequence:
            return True
        reached: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiter = (position.sequence, next(self._turn), reached)
        bisect.insort(self._waiting, waiter)
        try:
            async with asyncio.timeout(timeout_seconds):
                await reached
        except TimeoutError:
            return False
        finally:
            self._waiting.pop(bisect.bisect_left(self._waiting, waiter))
        return True

    async def run(self) -> None:
        """Follow the log for ever."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._watch_log())
            async with aclosing(self._log_followed.follow(after=self._progress.sequence)) as batches:
                async for entries in batches:
                    for start in range(0, len(entries), self._batch_max):
                        await self._apply(entries[start : start + self._batch_max])

    async def _apply(self, entries: Sequence[Entry]) -> None:
        progress = await self.store.transaction(lambda db: self._apply_batch(db, entries))
        facts, progress.facts = progress.facts, []
        self._progress = progress
        self._log_last = max(self._log_last, progress.sequence)
        self._note_caught_up()
        for sequence, _, reached in self._waiting:
            if sequence > progress.sequence:
                break
            if not reached.done():
                reached.set_result(None)
        if facts:
            for listener in self.listeners:
                listener(facts)

    def _apply_batch(self, db: Connection, entries: Sequence[Entry]) -> _Progress:
        """Apply entries in the writer's thread and return how far that came."""
        progress = _read_progress(db)
        for entry in entries:
            if entry.sequence > progress.sequence:
                self._apply_entry(db, entry, progress)
                progress.sequence = entry.sequence
        db.execute(
            "update position set sequence = ?, skipped = ?, refused = ?, receipts_from_hour = ?",
            (progress.sequence, progress.skipped, progress.refused, progress.receipts_from_hour),
        )
        return progress

    def _apply_entry(self, db: Connection, entry: Entry, progress: _Progress) -> None:
        event = open_event(entry.data)
        if event is None or not _belongs(entry, event):
            progress.refused += 1
            return
        if event.origin == self.region:
            _keep_receipt(db, event, progress)
        self._hlc.observe(event.occurred_at)
        name = payload_name(event)
        kind, handler = self._handlers.get(name, (None, None))
        if kind is None or handler is None:
            progress.skipped += name not in KNOWN_PAYLOADS
            return
        try:
            payload = kind.FromString(event.payload.value)
        except DecodeError:
            progress.refused += 1
            return
        fact = Fact(entry.sequence, event.id, event.origin, event.actor, at_ms(event), payload)
        try:
            if telemetry.is_sampled(event.traceparent):
                with telemetry.span(f"apply {kind.DESCRIPTOR.name}", traceparent=event.traceparent):
                    handler(db, fact)
            else:
                handler(db, fact)
        except Refused:
            progress.refused += 1
            return
        progress.facts.append(fact)

    async def _watch_log(self) -> None:
        """Look now and then at how long the log is, for the lag; the store follows by itself."""
        while True:
            try:
                self._log_last = await self._log_followed.last_sequence()
                self._asked_log = True
                self._note_caught_up()
            except Exception as error:
                _log.warning("the log's length is not known now", extra={"error": repr(error)})
            heed_cancellation()
            await asyncio.sleep(_LOG_ASKED_EVERY_SECONDS)

    def _note_caught_up(self) -> None:
        if self._caught_up or not self._asked_log or self.lag_events():
            return
        self._caught_up = True
        _log.info("the projection has caught up", extra={"sequence": self._progress.sequence})
        for old in self._path.parent.glob(f"{self.projection.service}.v*.sqlite"):
            if old != self._path:
                remove_store(old)


def find_receipt(db: Connection, actor: str, key: str) -> tuple[bytes, str] | None:
    """Return the digest of the command that ``actor`` sent under ``key``, and the id of the event it led to."""
    return db.execute("select digest, event_id from receipts where actor = ? and key = ?", (actor, key)).fetchone()


def applied_sequence(db: Connection) -> int:
    """Return the last sequence whose effect this snapshot shows."""
    return _read_progress(db).sequence


def digest_projection(db: Connection) -> tuple[int, list[TableDigest]]:
    """Return the sequence that is applied and the digest of every table but the one that holds it."""
    return applied_sequence(db), [digest for digest in digest_tables(db) if digest.table != "position"]


def _read_progress(db: Connection) -> _Progress:
    select = "select sequence, skipped, refused, receipts_from_hour from position"
    sequence, skipped, refused, hour = one_row(db, select)
    return _Progress(sequence, skipped, refused, hour)


def _belongs(entry: Entry, event: Event) -> bool:
    """Whether subject, envelope and actor name one origin."""
    subject = parse_subject(entry.subject)
    return subject is not None and subject.origin == event.origin and region_of(event.actor) == event.origin


def _keep_receipt(db: Connection, event: Event, progress: _Progress) -> None:
    if not event.idempotency_key:
        return
    hour = physical_ms(event.occurred_at) // _HOUR_MS
    if hour - limits.RECEIPT_KEPT_HOURS > progress.receipts_from_hour:
        progress.receipts_from_hour = hour - limits.RECEIPT_KEPT_HOURS
        db.execute("delete from receipts where hour < ?", (progress.receipts_from_hour,))
    db.execute(
        "insert or ignore into receipts values (?, ?, ?, ?, ?)",
        (event.actor, event.idempotency_key, event.command_digest, event.id, hour),
    )
