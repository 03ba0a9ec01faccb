"""Whenever an erasure stands without this region's receipt: purge the person from the log, then write the receipt.

The order stands behind all that the person wrote, so what is there when it is applied is all there will be, but for a
command that was under way. What comes later is refused by every projection, and purged when it is met here. A kill
between purge and receipt costs nothing: the purge is repeated and finds nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

from samverka.network.v1.network_events_pb2 import ErasureOrdered
from services.chassis import trust
from services.chassis.deciding import Decider
from services.chassis.envelope import Fact
from services.chassis.erasing import is_erased
from services.chassis.eventlog.keeping import Keeper
from services.chassis.projection import ProjectionRunner
from services.chassis.store import Connection
from services.network.commands.confirm_erasure import ConfirmErasure, confirm_erasure
from services.network.domain.erasures import everything_of
from services.network.policies.intents import intent_of
from services.network.policies.repeating import repeat

_log = logging.getLogger(__name__)
_LOOK_SECONDS = 5.0
ERASURES_AT_ONCE_MAX = 100


class ErasureCarrying:
    """Carries out erasures for one region."""

    def __init__(self, *, runner: ProjectionRunner, decider: Decider, keeper: Keeper) -> None:
        self._runner = runner
        self._decider = decider
        self._keeper = keeper
        self._woken = asyncio.Event()
        self._purged_through: dict[str, int] = {}

    def note(self, facts: Sequence[Fact[Any]]) -> None:
        """Hear what a batch of the projection brought; a listener of the runner."""
        if any(isinstance(fact.payload, ErasureOrdered) for fact in facts):
            self._woken.set()

    async def run(self) -> None:
        """Look for ever."""
        await repeat(self.turn, every_seconds=_LOOK_SECONDS, woken=self._woken)

    async def turn(self) -> None:
        """Carry out what is pending, and purge what came late."""
        region = self._runner.region
        for erasure_id, person in self._runner.store.read_now(lambda db: pending_erasures(db, region)):
            purged = await self._keeper.purge(everything_of(person))
            _log.info("a person is purged from the log", extra={"erasure": erasure_id, "events": purged})
            command = ConfirmErasure(intent_of(region), region, erasure_id, purged)
            await confirm_erasure(command, decider=self._decider)
        for person, sequence in self._runner.store.read_now(late_events):
            if self._purged_through.get(person, 0) < sequence:
                await self._keeper.purge(everything_of(person))
                self._purged_through[person] = sequence


def pending_erasures(db: Connection, region: str) -> list[tuple[str, str]]:
    """Return erasures that ``region`` has written no receipt for: their ids and persons."""
    rows = db.execute(
        """
        select id, person from erasures
        where not exists (select 1 from erasure_receipts where erasure_id = id and region = ?) limit ?
        """,
        (region, ERASURES_AT_ONCE_MAX),
    )
    return [(str(row[0]), str(row[1])) for row in rows]


def late_events(db: Connection) -> list[tuple[str, int]]:
    """Return the erased of whom something was met later, and where in the log that last was."""
    return [
        (actor, last) for _, actor, reason, _, last in trust.refusals(db) if reason == "erased" and is_erased(db, actor)
    ]
