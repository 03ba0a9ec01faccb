"""Whenever a person is erased: see that no byte of theirs is left in this replica's file, then say so for the service.

The tables lose the person in the transaction that applies the order. What SQLite still keeps of the pages of before goes
here. Every replica sees to its own file; that the service has forgotten is said once, by the first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from opentelemetry.metrics import Meter

from samverka.network.v1.network_events_pb2 import ErasureOrdered, PersonForgotten
from services.chassis.clock import Clock
from services.chassis.deciding import Decider, WithReach, region_intent
from services.chassis.erasing import is_forgotten
from services.chassis.errors import Unavailable
from services.chassis.policies import Pending, PolicyRunner
from services.chassis.projection import ProjectionRunner
from services.chassis.store import Connection


class Forgetting:
    """What one replica has left to do about the erased."""

    def __init__(self, *, runner: ProjectionRunner, decider: Decider) -> None:
        self._runner = runner
        self._decider = decider
        self._scrubbed_through = 0
        self._scrubbing = asyncio.Lock()

    def pending(self, db: Connection, after: int, most: int) -> Sequence[Pending]:
        """Return the erased of whom this file may hold something, or whom the service has not said to have forgotten.

        None while the replica catches up: the file of an older release may still lie beside its own.
        """
        if not self._runner.ready():
            return []
        rows = db.execute(
            """
            select sequence, person from erased
            where sequence > ? and (forgotten = 0 or sequence > ?) order by sequence limit ?
            """,
            (after, self._scrubbed_through, most),
        )
        return [Pending(int(str(sequence)), str(person)) for sequence, person in rows]

    async def carry_out(self, pending: Pending) -> None:
        """Forget one; Unavailable if a reader still stands on what was before."""
        await self._scrub(pending.sequence)
        runner, person = self._runner, pending.id
        if runner.store.read_now(lambda db: is_forgotten(db, person)):
            return

        def decide(db: Connection) -> WithReach | None:
            if is_forgotten(db, person):
                return None
            return WithReach(PersonForgotten(person_id=person, holder=runner.projection.service), "local")

        await self._decider.carry_out(region_intent(runner.region), decide, owner=runner.region)

    async def _scrub(self, sequence: int) -> None:
        async with self._scrubbing:
            if sequence <= self._scrubbed_through:
                return
            applied, beside = self._runner.position.sequence, self._runner.beside
            if not await self._runner.store.scrub() or (beside is not None and not await beside.scrub(sequence)):
                raise Unavailable("Somebody reads what was before; try again.", code="behind")
            self._scrubbed_through = applied if beside is None else sequence


def forgetting_policy(*, runner: ProjectionRunner, decider: Decider, clock: Clock, meter: Meter) -> PolicyRunner:
    """Return the policy of one replica, whichever service's it is."""
    forgetting = Forgetting(runner=runner, decider=decider)
    return PolicyRunner(
        name="forgetting",
        runner=runner,
        woken_by=(ErasureOrdered,),
        pending=forgetting.pending,
        carry_out=forgetting.carry_out,
        clock=clock,
        meter=meter,
    )
