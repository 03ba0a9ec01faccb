"""Whenever a person is erased: take all that is theirs out of the region's log, and say that the log has forgotten them.

The order stands behind all that the person wrote, so what is there when it is applied is all there will be, but for a
command that was under way. What comes late is refused by every projection and taken out when it is met. A kill in between
costs nothing: whoever goes on finds what is left.

One after the other, and as long as it takes: a person may have written tens of thousands of events.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

from samverka.network.v1.network_events_pb2 import ErasureOrdered
from services.chassis import erasing
from services.chassis.deciding import Decider, region_intent
from services.chassis.envelope import Fact
from services.chassis.eventlog.keeping import Keeper
from services.chassis.projection import ProjectionRunner
from services.chassis.store import Connection
from services.network.commands.forget_in_log import ForgetInLog, forget_in_log
from services.network.domain.erasures import LOG, everything_of
from services.network.policies.repeating import repeat

_log = logging.getLogger(__name__)
_LOOK_SECONDS = 5.0
PERSONS_AT_ONCE_MAX = 100


class Purging:
    """Purges the erased from the log of one region."""

    def __init__(self, *, runner: ProjectionRunner, decider: Decider, keeper: Keeper) -> None:
        self._runner = runner
        self._decider = decider
        self._keeper = keeper
        self._woken = asyncio.Event()
        self._late_through = 0

    def note(self, facts: Sequence[Fact[Any]]) -> None:
        """Hear what a batch of the projection brought; a listener of the runner."""
        if any(isinstance(fact.payload, ErasureOrdered) for fact in facts):
            self._woken.set()

    async def run(self) -> None:
        """Look for ever."""
        await repeat(self.turn, every_seconds=_LOOK_SECONDS, woken=self._woken)

    async def turn(self) -> None:
        """Purge whom the log has not forgotten, and what came late: some of both, so that neither holds the other up."""
        region, store = self._runner.region, self._runner.store
        persons = store.read_now(in_log)
        for person in persons:
            events = await self._keeper.purge(everything_of(person))
            _log.info("a person is purged from the log", extra={"person": person, "events": events})
            await forget_in_log(ForgetInLog(region_intent(region), region, person, events), decider=self._decider)
        late = store.read_now(self._late)
        for person, sequence in late:
            await self._keeper.purge(everything_of(person))
            self._late_through = sequence
        if PERSONS_AT_ONCE_MAX in (len(persons), len(late)):
            self._woken.set()  # there may be more

    def _late(self, db: Connection) -> list[tuple[str, int]]:
        return erasing.read_late(db, after=self._late_through, most=PERSONS_AT_ONCE_MAX)


def in_log(db: Connection) -> list[str]:
    """Return erased persons whom the region's log has not been said to have forgotten."""
    rows = db.execute(
        """
        select person from erasures e
        where not exists (select 1 from erasure_holders h where h.person = e.person and holder = ?)
        order by sequence limit ?
        """,
        (LOG, PERSONS_AT_ONCE_MAX),
    )
    return [str(row[0]) for row in rows]
