"""Applying the log to a store: every event once, in order, its effect and its position in one transaction.

A projection is a schema and a handler for each payload that it has a use for. What is another service's is passed over.
A kind that this release does not know is skipped and counted, so that regions can be upgraded one at a time; an event that
breaks a rule is refused and counted. The file's name carries the schema's version and the log's epoch: another version or
another life of the log begins another file beside the old one, which is removed once the new one has caught up.

What the runner itself keeps beside the position: receipts of this region's commands (``receipts``), how far it has come with
each origin (``origins``), what it refused (``trust``) and who is erased (``erasing``).
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
from samverka.network.v1.network_events_pb2 import ErasureOrdered
from services.chassis import erasing, limits, origins, receipts, telemetry, trust
from services.chassis.cancelling import heed_cancellation
from services.chassis.clock import HybridClock
from services.chassis.envelope import Fact, at_ms, open_event, payload_name
from services.chassis.errors import Unavailable
from services.chassis.eventlog.port import Entry, EventLog, Position
from services.chassis.eventlog.subjects import Subject, parse_subject
from services.chassis.origins import Register
from services.chassis.payloads import KNOWN_PAYLOADS
from services.chassis.receipts import Horizon
from services.chassis.store import Connection, Store, TableDigest, digest_tables, one_row, open_store, remove_store

_log = logging.getLogger(__name__)
_LOG_ASKED_EVERY_SECONDS = 1.0
_CHASSIS_VERSION = 2
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
_NOT_DIGESTED = frozenset({"position", "refusals"})
"""The position names the digest; a ledger also counts what is erased since and would not be met again."""


class Refused(Exception):
    """What a handler raises, before it writes anything, for a fact that its actor or its origin had no right to."""


Handler = Callable[[Connection, Fact[Any]], None]
"""Applies one fact inside the batch's transaction. It must take every payload that can be parsed, in any order."""

Handlers = Mapping[type[Message], Handler]

Listener = Callable[[Sequence[Fact[Any]]], None]
"""Told what was applied, after its transaction is committed."""


@dataclass(frozen=True, slots=True)
class Projection:
    """What a service makes of the log. ``version`` grows whenever the same log would give other rows.

    ``registers`` are the columns by which regions compare what they hold, ``erase`` removes a person from the tables.
    """

    service: str
    version: int
    schema: str
    handlers: Handlers
    registers: Sequence[Register] = ()
    erase: erasing.Erase = erasing.erase_nothing


@dataclass(slots=True)
class _Progress:
    sequence: int = 0
    skipped: int = 0
    refused: int = 0
    receipts: Horizon = field(default_factory=Horizon)
    origins: dict[str, int] = field(default_factory=dict)
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
        self._path = data_dir / f"{projection.service}.v{projection.version}-{_CHASSIS_VERSION}.{log.epoch}.sqlite"
        handlers: Handlers = {**projection.handlers, ErasureOrdered: self._apply_erasure}
        self._handlers = {kind.DESCRIPTOR.full_name: (kind, handler) for kind, handler in handlers.items()}
        self._known = KNOWN_PAYLOADS | self._handlers.keys()
        self.store: Store = open_store(self._path, CHASSIS_SCHEMA + projection.schema)
        self._progress = _Progress()
        self._erased: set[str] = set()
        self._receipts_horizon = 0
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

    @property
    def origins(self) -> Mapping[str, int]:
        """The last event of each origin that every region may know, by the numbering of its own log, that is applied."""
        return self._progress.origins

    def lag_events(self) -> int:
        """Return how many sequences of the log are not applied, as of the last look at the log."""
        return max(0, self._log_last - self._progress.sequence)

    def ready(self) -> bool:
        """Whether reads are near enough to the log: caught up once, and not far behind since."""
        return self._caught_up and self.lag_events() <= limits.READY_LAG_EVENTS_MAX

    async def load(self) -> None:
        """Read from the store how far it has come; call it once, before anything else."""
        self._progress = await self.store.read(_read_progress)
        self._progress.origins = await self.store.read(origins.read_origins)
        self._erased = await self.store.read(erasing.read_erased)

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
        await self._look_at_end()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._watch_log())
            async with aclosing(self._log_followed.follow(after=self._progress.sequence)) as batches:
                async for entries in batches:
                    for start in range(0, len(entries), self._batch_max):
                        await self._apply(entries[start : start + self._batch_max])

    async def _look_at_end(self) -> None:
        """Learn from the log's last own event what time it has come to: our clock must not fall behind it."""
        try:
            last = await receipts.last_own_timestamp(self._log_followed, self.region)
            self._hlc.restore(last)
            self._receipts_horizon = receipts.horizon_hour(last)
        except (Unavailable, OSError) as error:  # receipts are then written that are forgotten again
            _log.warning("how far back receipts are kept is not known now", extra={"error": repr(error)})

    async def _apply(self, entries: Sequence[Entry]) -> None:
        progress = await self.store.transaction(lambda db: self._apply_batch(db, entries))
        facts, progress.facts = progress.facts, []
        progress.origins = {**self._progress.origins, **progress.origins}
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
        progress.receipts.from_hour = max(progress.receipts.from_hour, self._receipts_horizon)
        for entry in entries:
            if entry.sequence > progress.sequence:
                self._apply_entry(db, entry, progress)
                progress.sequence = entry.sequence
        db.execute(
            "update position set sequence = ?, skipped = ?, refused = ?, receipts_from_hour = ?",
            (progress.sequence, progress.skipped, progress.refused, progress.receipts.from_hour),
        )
        origins.write_origins(db, progress.origins)
        return progress

    def _apply_entry(self, db: Connection, entry: Entry, progress: _Progress) -> None:
        event, subject = open_event(entry.data), parse_subject(entry.subject)
        origin = trust.origin_of(entry, subject, region=self.region)
        if origin and subject is not None and subject.reach == "pub":  # the rest is not there to be compared elsewhere
            progress.origins[origin] = entry.source.sequence if entry.source else entry.sequence
        reason = trust.distrust(event, subject, origin=origin, region=self.region, known=self._known)
        if event is not None and subject is not None and not reason:
            reason = self._apply_event(db, entry, event, subject, progress)
        if reason:
            progress.refused += 1
            trust.refuse(db, entry, event, reason, sender=trust.sender_of(entry, origin))

    def _apply_event(self, db: Connection, entry: Entry, event: Event, subject: Subject, progress: _Progress) -> str:
        """Apply an event that is its origin's to write, and return why it has no right to an effect; empty if it has."""
        if subject.owner in self._erased:
            return "erased"
        if event.origin == self.region:
            receipts.keep_receipt(db, event, progress.receipts)
        self._hlc.observe(event.occurred_at)
        name = payload_name(event)
        kind, handler = self._handlers.get(name, (None, None))
        if kind is None or handler is None:
            progress.skipped += name not in self._known
            return ""
        try:
            payload = kind.FromString(event.payload.value)
        except DecodeError:
            return "payload"
        local = subject.reach == "local"
        fact = Fact(entry.sequence, event.id, event.origin, event.actor, at_ms(event), payload, subject.owner, local)
        try:
            if telemetry.is_sampled(event.traceparent):
                with telemetry.span(f"apply {kind.DESCRIPTOR.name}", traceparent=event.traceparent):
                    handler(db, fact)
            else:
                handler(db, fact)
        except Refused:
            return "rule"
        progress.facts.append(fact)
        return ""

    def _apply_erasure(self, db: Connection, fact: Fact[ErasureOrdered]) -> None:
        if not erasing.apply_erasure(db, fact, self.projection.erase):
            raise Refused
        self._erased.add(fact.payload.person_id)
        handler = self.projection.handlers.get(ErasureOrdered)
        if handler is not None:
            handler(db, fact)

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


def applied_sequence(db: Connection) -> int:
    """Return the last sequence whose effect this snapshot shows."""
    return _read_progress(db).sequence


def digest_projection(db: Connection) -> tuple[int, list[TableDigest]]:
    """Return the sequence that is applied and the digest of every table that follows from the log alone."""
    return applied_sequence(db), [digest for digest in digest_tables(db) if digest.table not in _NOT_DIGESTED]


def _read_progress(db: Connection) -> _Progress:
    select = "select sequence, skipped, refused, receipts_from_hour from position"
    sequence, skipped, refused, hour = one_row(db, select)
    return _Progress(sequence, skipped, refused, Horizon(hour))
