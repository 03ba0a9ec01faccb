"""Following a log with one projection: batch after batch, how far that has come, and when reads are near enough to it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any, Protocol

from services.chassis import limits, origins, receipts
from services.chassis.cancelling import heed_cancellation
from services.chassis.clock import HybridClock
from services.chassis.envelope import Fact
from services.chassis.errors import Unavailable
from services.chassis.eventlog.port import Entry, EventLog, Position
from services.chassis.projection.applying import Applying
from services.chassis.projection.definition import Projection
from services.chassis.projection.progress import CHASSIS_SCHEMA, CHASSIS_VERSION, Progress, read_progress
from services.chassis.projection.waiting import Waiting
from services.chassis.store import Store, open_store, remove_store

_log = logging.getLogger(__name__)
_LOG_ASKED_EVERY_SECONDS = 1.0


class Beside(Protocol):
    """What a service keeps beside its store and makes of its rows alone, such as an index."""

    async def follow(self) -> None:
        """Bring it to where the store is."""
        ...

    async def scrub(self, sequence: int) -> bool:
        """Whether nothing is left in it of what the log's entry ``sequence`` deleted; False: that is being seen to."""
        ...


Listener = Callable[[Sequence[Fact[Any]]], None]
"""Told what was applied, after its transaction is committed."""


Measure = Callable[[Progress, float], None]
"""Told what a batch brought, and how many seconds it took."""


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
        self.beside: Beside | None = None
        self.measure: Measure | None = None
        self._log_followed = log
        self._hlc = hlc
        self._batch_max = events_per_transaction_max
        self._path = data_dir / f"{projection.service}.v{projection.version}-{CHASSIS_VERSION}.{log.epoch}.sqlite"
        self.store: Store = open_store(self._path, CHASSIS_SCHEMA + projection.schema)
        self._applying = Applying(projection=projection, region=region, hlc=hlc)
        self._waiting = Waiting()
        self._progress = Progress()
        self._log_last = 0
        self._asked_log = False
        self._caught_up = False

    @property
    def position(self) -> Position:
        """The last position that every reader of the store, and of what stands beside it, sees."""
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
        return {origin: reached.sequence for origin, reached in self._progress.met.items()}

    def lag_events(self) -> int:
        """Return how many sequences of the log are not applied, as of the last look at the log."""
        return max(0, self._log_last - self._progress.sequence)

    def ready(self) -> bool:
        """Whether reads are near enough to the log: caught up once, and not far behind since."""
        return self._caught_up and self.lag_events() <= limits.READY_LAG_EVENTS_MAX

    async def load(self) -> None:
        """Read from the store how far it has come; call it once, before anything else."""
        self._progress = await self.store.read(read_progress)
        self._progress.met = await self.store.read(origins.read_reached)
        await self.store.read(self._applying.load)

    async def wait_applied(self, position: Position, *, timeout_seconds: float) -> bool:
        """Wait until ``position`` is applied; False if it is not in time, or belongs to another life of the log."""
        if position.epoch != self._log_followed.epoch:
            return False
        if position.sequence <= self._progress.sequence:
            return True
        return await self._waiting.wait(position.sequence, timeout_seconds=timeout_seconds)

    async def run(self) -> None:
        """Follow the log for ever."""
        await self._bring_beside()  # which the end of the last process may have left behind
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
            self._applying.receipts_horizon = receipts.horizon_hour(last)
        except (Unavailable, OSError) as error:  # receipts are then written that are forgotten again
            _log.warning("how far back receipts are kept is not known now", extra={"error": repr(error)})

    async def _apply(self, entries: Sequence[Entry]) -> None:
        began = asyncio.get_running_loop().time()
        progress = await self.store.transaction(lambda db: self._applying.apply(db, entries))
        await self._bring_beside()
        if self.measure is not None:
            self.measure(progress, asyncio.get_running_loop().time() - began)
        facts, progress.facts = progress.facts, []
        progress.met = {**self._progress.met, **progress.met}
        self._progress = progress
        self._log_last = max(self._log_last, progress.sequence)
        self._note_caught_up()
        self._waiting.reach(progress.sequence)
        if facts:
            for listener in self.listeners:
                listener(facts)

    async def _bring_beside(self) -> None:
        if self.beside is not None:
            await self.beside.follow()

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
